// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cassert>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace percepnet {

// A view of contiguous elements: std::span's core, for C++17.
template <typename T> class Span {
public:
    constexpr Span() = default;
    constexpr Span(T *data, std::size_t size) : data_(data), size_(size) {}
    template <typename C, typename = std::enable_if_t<
                              std::is_convertible_v<decltype(std::declval<C &>().data()), T *>>>
    constexpr Span(C &container) : data_(container.data()), size_(container.size()) {}
    template <std::size_t N> constexpr Span(T (&array)[N]) : data_(array), size_(N) {}

    constexpr T *data() const { return data_; }
    constexpr std::size_t size() const { return size_; }
    constexpr bool empty() const { return size_ == 0; }
    constexpr T *begin() const { return data_; }
    constexpr T *end() const { return data_ + size_; }
    constexpr T &operator[](std::size_t i) const {
        assert(i < size_);
        return data_[i];
    }
    constexpr Span subspan(std::size_t offset, std::size_t count) const {
        assert(offset + count <= size_);
        return {data_ + offset, count};
    }

private:
    T *data_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace percepnet

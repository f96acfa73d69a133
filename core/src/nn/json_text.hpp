// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <memory>

#include <nlohmann/json.hpp>

namespace percepnet::nn {

// A parsed text, from a stranger. Nothing nested deeper than allowed and no key twice in an object;
// and no end of the program when memory runs out: nlohmann's own destructor allocates, so that
// values are taken apart from the leaves up, where it has nothing to do.
class JsonText {
public:
    enum class Fault { kNone, kNotJson, kTwiceOrTooDeep };

    JsonText(const char *text, std::size_t length, int most_depth);

    Fault fault() const { return fault_; }
    // null unless fault() is kNone.
    const nlohmann::json &root() const { return *root_; }

private:
    struct TakeApart {
        void operator()(nlohmann::json *root) const noexcept;
    };
    std::unique_ptr<nlohmann::json, TakeApart> root_;
    Fault fault_ = Fault::kNone;
};

} // namespace percepnet::nn

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstddef>
#include <vector>

namespace percepnet::tools {

/** Values of every 10 ms of a sound of any length, in bounded memory: when there are too many
    entries, neighbours are joined. */
class Series {
public:
    /** @param width values of each 10 ms */
    explicit Series(std::size_t width) : width_(width) {}

    /** Those of the next 10 ms; NaN: none. */
    void add(const std::vector<double> &values);

    std::size_t hops() const { return hops_; } // that were added
    std::size_t size() const { return sums_.size() / width_; }
    /** Of value number `value` in the entries from first on, before last; NaN: none there. */
    double mean(std::size_t value, std::size_t first, std::size_t last) const;

private:
    void join_neighbours();

    struct Sum {
        double sum = 0.0, terms = 0.0;
    };
    std::size_t width_;
    std::size_t hops_ = 0;
    std::size_t joined_ = 1; // hops in an entry
    std::vector<Sum> sums_;  // width_ for each entry
};

} // namespace percepnet::tools

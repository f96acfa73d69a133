// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <memory>

#include <soxr.h>

#include "planar.hpp"

namespace percepnet::tools {

/** Another sampling rate, without lag: the filter's delay is already taken out. Equal rates cost
    nothing and change nothing. */
class Resampler {
public:
    /** @throws Error */
    Resampler(int rate_in, int rate_out, int channels);

    /** What out holds afterwards follows what the last call gave. Samples that are not finite count
        as silence. */
    void process(Planar &in, Planar &out);

    /** The rest, after the last process(). */
    void flush(Planar &out);

private:
    void run(const Planar *in, Planar &out);

    struct Delete {
        void operator()(soxr_t resampler) const { soxr_delete(resampler); }
    };
    std::unique_ptr<soxr, Delete> resampler_; // null: equal rates
    double ratio_;
};

} // namespace percepnet::tools

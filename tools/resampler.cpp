// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "resampler.hpp"

#include <algorithm>
#include <cmath>

#include "error.hpp"

namespace percepnet::tools {

constexpr std::size_t kRoom = 256; // samples beyond what the ratio asks for

Resampler::Resampler(int rate_in, int rate_out, int channels) : ratio_(double(rate_out) / rate_in) {
    if (rate_in == rate_out)
        return;
    const soxr_io_spec_t planar = soxr_io_spec(SOXR_FLOAT32_S, SOXR_FLOAT32_S);
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ, 0);
    soxr_error_t error = nullptr;
    resampler_.reset(
        soxr_create(rate_in, rate_out, unsigned(channels), &error, &planar, &quality, nullptr));
    if (error)
        throw Error("no conversion from " + std::to_string(rate_in) + " to " +
                    std::to_string(rate_out) + " Hz: " + error);
}

void Resampler::process(Planar &in, Planar &out) {
    for (int c = 0; resampler_ && c < in.channels(); c++)
        std::replace_if(
            in[c], in[c] + in.frames(), [](float x) { return !std::isfinite(x); }, 0.f);
    run(&in, out);
}

void Resampler::flush(Planar &out) {
    run(nullptr, out);
}

void Resampler::run(const Planar *in, Planar &out) {
    const std::size_t frames = in ? in->frames() : 0;
    if (!resampler_) {
        out.resize(frames);
        for (int c = 0; in && c < out.channels(); c++)
            std::copy_n((*in)[c], frames, out[c]);
        return;
    }
    std::size_t filled = 0, taken = 0, got = 0;
    do {
        const std::size_t room = std::size_t(double(frames - taken) * ratio_) + kRoom;
        out.resize(filled + room);
        std::vector<const float *> from;
        std::vector<float *> to;
        for (int c = 0; c < out.channels(); c++) {
            from.push_back(in ? (*in)[c] + taken : nullptr);
            to.push_back(out[c] + filled);
        }
        std::size_t used = 0;
        soxr_process(resampler_.get(), in ? from.data() : nullptr, frames - taken, &used, to.data(),
                     room, &got);
        taken += used;
        filled += got;
    } while (taken < frames || got > 0);
    out.resize(filled);
}

} // namespace percepnet::tools

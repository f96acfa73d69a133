// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Where the time of a hop goes, for measurements. A stream without a clock pays one comparison for
// each stage.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace percepnet {

enum class Stage {
    kFraming,    // blocks to hops and back, output weights
    kGuard,      // bad numbers, offset
    kTransform,  // of the newest frame
    kBands,      // energies of the newest frame
    kPitch,      // search and refinement
    kComb,       // comb filter, its transform, its bands
    kFeatures,   // of the bands
    kFine,       // the longer spectrum and its features
    kFirstLayer, // network: inputs and first layer; all of it if dense
    kOverBands,  // ... GRUs over the bands
    kOverTime,   // ... GRUs over time
    kAnswer,     // ... last layers
    kSynthesis,  // post-filter, mix, gains, inverse transform, readout
    kCount
};

constexpr const char *kStageNames[] = {
    "framing", "guard",       "transform",  "bands",     "pitch",  "comb",     "features",
    "fine",    "first layer", "over bands", "over time", "answer", "synthesis"};
static_assert(sizeof kStageNames / sizeof *kStageNames == std::size_t(Stage::kCount));

// The caller's clock, in whatever unit; read on the stream's thread.
class StageClock {
public:
    explicit StageClock(std::uint64_t (*now)() noexcept) : now_(now), last_(now()) {}

    // What follows belongs to no earlier stage.
    void restart() noexcept { last_ = now_(); }
    // The time since the last call was this stage's.
    void done(Stage stage) noexcept {
        const std::uint64_t time = now_();
        spent_[std::size_t(stage)] += time - last_;
        last_ = time;
    }
    const std::array<std::uint64_t, std::size_t(Stage::kCount)> &spent() const { return spent_; }

private:
    std::uint64_t (*now_)() noexcept;
    std::uint64_t last_;
    std::array<std::uint64_t, std::size_t(Stage::kCount)> spent_{};
};

inline void done(StageClock *clock, Stage stage) noexcept {
    if (clock)
        clock->done(stage);
}

} // namespace percepnet

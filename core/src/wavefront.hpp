// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace percepnet {

// Blocks that go through the same stages one after the other, on several threads. A stage works on
// one block at a time, in their order, on whichever thread is free: so threads are busy whatever a
// stage costs, and stages may have memory. Tracks go through their parts beside each other; the
// last stage of a block waits for all tracks.
class Wavefront {
public:
    struct Item {
        std::size_t part, track, block; // part == parts, track 0: the last stage
    };
    // Must not throw.
    using Work = std::function<void(const Item &)>;

    // window: most blocks under way. Allocates.
    Wavefront(std::size_t parts, std::size_t tracks, std::size_t blocks, std::size_t window,
              int threads);

    // On at most as many threads as given, the caller's among them; those that the system does not
    // start are not missed. Once.
    void run(const Work &work) noexcept;

private:
    struct Stage {
        std::size_t done = 0; // blocks
        bool busy = false;
    };

    Stage &stage(const Item &item) noexcept { return stages_[item.part * tracks_ + item.track]; }
    bool ready(std::size_t part, std::size_t track) const noexcept;
    bool find(Item &item) const noexcept;
    void work_on(const Work &work) noexcept;

    const std::size_t parts_, tracks_, blocks_, window_;
    std::vector<Stage> stages_; // by parts, then tracks; then the last one
    std::vector<std::thread> helpers_;
    std::mutex mutex_;
    std::condition_variable changed_;
};

} // namespace percepnet

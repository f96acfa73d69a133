// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "wavefront.hpp"

#include <algorithm>
#include <exception>

namespace percepnet {

Wavefront::Wavefront(std::size_t parts, std::size_t tracks, std::size_t blocks, std::size_t window,
                     int threads)
    : parts_(parts), tracks_(tracks), blocks_(blocks), window_(window),
      stages_(parts * tracks + 1) {
    // Of each track and block one part at a time.
    const std::size_t useful =
        std::min({std::size_t(threads), stages_.size(), tracks * std::min(blocks, window)});
    helpers_.resize(std::max<std::size_t>(useful, 1) - 1);
}

void Wavefront::run(const Work &work) noexcept {
#ifndef __EMSCRIPTEN__ // a thread there needs a worker of the page
    try {
        for (std::thread &helper : helpers_)
            helper = std::thread([this, &work] { work_on(work); });
    } catch (const std::exception &) {
    }
#endif
    work_on(work);
    for (std::thread &helper : helpers_)
        if (helper.joinable())
            helper.join();
}

bool Wavefront::ready(std::size_t part, std::size_t track) const noexcept {
    const Stage &stage = stages_[part * tracks_ + track];
    if (stage.busy || stage.done == blocks_)
        return false;
    if (part == 0)
        return stage.done < stages_.back().done + window_;
    return stages_[(part - 1) * tracks_ + track].done > stage.done;
}

// What is nearest to its end: a thread mostly goes on with the block that is in its cache.
bool Wavefront::find(Item &item) const noexcept {
    const Stage &last = stages_.back();
    const auto before = stages_.end() - 1 - std::ptrdiff_t(tracks_);
    if (!last.busy && last.done < blocks_ &&
        std::all_of(before, before + std::ptrdiff_t(tracks_),
                    [&](const Stage &stage) { return stage.done > last.done; })) {
        item = {parts_, 0, last.done};
        return true;
    }
    for (std::size_t part = parts_; part-- > 0;)
        for (std::size_t track = 0; track < tracks_; track++)
            if (ready(part, track)) {
                item = {part, track, stages_[part * tracks_ + track].done};
                return true;
            }
    return false;
}

void Wavefront::work_on(const Work &work) noexcept {
    std::unique_lock<std::mutex> lock(mutex_);
    while (stages_.back().done < blocks_) {
        Item item;
        if (!find(item)) {
            changed_.wait(lock);
            continue;
        }
        stage(item).busy = true;
        lock.unlock();
        work(item);
        lock.lock();
        stage(item).busy = false;
        stage(item).done++;
        changed_.notify_all();
    }
}

} // namespace percepnet

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// A whole recording through one stream: its hops, in batches, go through the parts of the channels
// (analysis, layers of the network, synthesis) on several threads, each part in the order of time.
#include <algorithm>
#include <array>
#include <vector>

#include "dsp/guard.hpp"
#include "enhancer.hpp"
#include "wavefront.hpp"

namespace percepnet {

// The hops of one call.
class Enhancer::Bulk {
public:
    // Allocates; the stream is untouched.
    Bulk(Enhancer &enhancer, std::size_t hops, int threads)
        : enhancer_(enhancer), hops_(hops),
          batch_size_(std::clamp<std::size_t>(kBatchSignals / std::size_t(enhancer.channels_),
                                              kLeastBatch, kMostBatch)),
          blocks_((hops + batch_size_ - 1) / batch_size_),
          window_(std::min(blocks_, window(enhancer.groups_[0]->parts() + 1, threads))),
          wavefront_(enhancer.groups_[0]->parts(), enhancer.groups_.size(), blocks_, window_,
                     threads),
          enhanced_(std::size_t(enhancer.channels_)), dry_(enhanced_.size()) {
        batches_.reserve(window_ * enhancer.groups_.size());
        for (std::size_t i = 0; i < window_ * enhancer.groups_.size(); i++)
            batches_.emplace_back(*enhancer.model_, group_size(), batch_size_);
    }

    void run(const float *const *in, float *const *out, std::size_t offset) noexcept {
        in_ = in, out_ = out, offset_ = offset;
        wavefront_.run([this](const Wavefront::Item &item) {
            const dsp::FloatGuard guard;
            if (item.part == enhancer_.groups_[0]->parts())
                put_out(item.block);
            else
                process(item);
        });
    }

private:
    // Hops in a batch: fewer of many channels, as all of a batch should stay in a near cache.
    static constexpr std::size_t kLeastBatch = 4, kMostBatch = 8, kBatchSignals = 16;

    // Blocks under way: one at each stage, or for each thread, and one that is about to begin.
    static std::size_t window(std::size_t stages, int threads) noexcept {
        return threads > 1 ? std::min(std::size_t(threads), stages) + 1 : 1;
    }

    int group_size() const noexcept { return enhancer_.channels_ / int(enhancer_.groups_.size()); }
    Channel::Batch &batch(std::size_t block, std::size_t group) noexcept {
        return batches_[block % window_ * enhancer_.groups_.size() + group];
    }
    std::size_t hops_of(std::size_t block) const noexcept {
        return std::min(batch_size_, hops_ - block * batch_size_);
    }
    std::size_t place(std::size_t block) const noexcept {
        return offset_ + block * batch_size_ * kHop;
    }

    void process(const Wavefront::Item &item) noexcept {
        std::array<const float *, kMaxChannels> in;
        const int first = int(item.track) * group_size();
        for (int s = 0; s < group_size(); s++)
            in[std::size_t(s)] = in_[first + s] + place(item.block);
        enhancer_.groups_[item.track]->process_part(
            item.part, batch(item.block, item.track), hops_of(item.block), in.data(),
            enhancer_.settings_.get(PERCEPNET_CONTROL_POST_FILTER));
    }

    void put_out(std::size_t block) noexcept {
        for (std::size_t hop = 0; hop < hops_of(block); hop++) {
            for (int c = 0; c < enhancer_.channels_; c++) {
                Channel::Batch &from = batch(block, std::size_t(c / group_size()));
                enhanced_[std::size_t(c)] = from.enhanced(hop, c % group_size());
                dry_[std::size_t(c)] = from.dry(hop, c % group_size());
            }
            enhancer_.blend_hop(enhanced_.data(), dry_.data());
            enhancer_.pull_output(out_, place(block) + hop * kHop, kHop);
        }
    }

    Enhancer &enhancer_;
    const std::size_t hops_, batch_size_, blocks_, window_;
    Wavefront wavefront_;
    std::vector<Channel::Batch> batches_;
    std::vector<float *> enhanced_; // of a hop, of each channel
    std::vector<const float *> dry_;
    const float *const *in_ = nullptr;
    float *const *out_ = nullptr;
    std::size_t offset_ = 0;
};

void Enhancer::process_bulk(const float *const *in, float *const *out, std::size_t frames,
                            int threads) {
    const std::size_t filled = flushing_ ? 0 : filled_;
    const std::size_t head = std::min(frames, (kHop - filled) % kHop);
    const std::size_t hops = (frames - head) / kHop;
    if (hops == 0)
        return process(in, out, frames);
    Bulk bulk(*this, hops, clock_ ? 1 : threads);
    process(in, out, head);
    bulk.run(in, out, head);
    const std::size_t done = head + hops * kHop;
    std::array<const float *, kMaxChannels> rest_in;
    std::array<float *, kMaxChannels> rest_out;
    for (std::size_t c = 0; c < std::size_t(channels_); c++)
        rest_in[c] = in[c] + done, rest_out[c] = out[c] + done;
    process(rest_in.data(), rest_out.data(), frames - done);
}

} // namespace percepnet

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "channel.hpp"

#include <algorithm>

#include "dsp/guard.hpp"

namespace percepnet {

Channel::Channel(std::shared_ptr<const nn::Model> model, int signals) : delay_(model->latency()) {
    history_.assign(signals, std::vector<float>(delay_ + kHop));
}

void Channel::reset() noexcept {
    for (auto &h : history_)
        std::fill(h.begin(), h.end(), 0.0f);
}

void Channel::process_hop(const float *const *in, float *const *enhanced, float *const *dry,
                          float) noexcept {
    for (std::size_t s = 0; s < history_.size(); s++) {
        auto &h = history_[s];
        std::copy(h.begin() + kHop, h.end(), h.begin());
        dsp::sanitise(in[s], &h[delay_], kHop);
        std::copy_n(h.begin(), kHop, dry[s]);
        std::copy_n(h.begin(), kHop, enhanced[s]);
    }
}

} // namespace percepnet

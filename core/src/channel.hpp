// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "constants.hpp"
#include "nn/model.hpp"
#include "percepnet/percepnet.h"

namespace percepnet {

class Channel {
public:
    Channel(std::shared_ptr<const nn::Model> model, int signals);
    void process_hop(const float *const *in, float *const *enhanced, float *const *dry,
                     float post_filter) noexcept;
    void reset() noexcept;
    percepnet_readout readout() const noexcept { return {}; }

private:
    int delay_;
    std::vector<std::vector<float>> history_;
};

} // namespace percepnet

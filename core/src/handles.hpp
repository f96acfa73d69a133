// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// What the handles of the C interface point to.
#pragma once

#include <atomic>
#include <memory>

#include "enhancer.hpp"
#include "nn/model.hpp"
#include "percepnet/percepnet.h"

struct percepnet_model {
    std::shared_ptr<const percepnet::nn::Model> model;
    std::atomic<int> references{1};
};

struct percepnet_stream {
    percepnet::Enhancer enhancer;
};

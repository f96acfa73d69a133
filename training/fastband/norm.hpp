// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Rows with mean 0 and variance 1. The scale and shift that follow in a LayerNorm are part of the
// next layer's weights here.
#pragma once

#include "vector.hpp"

namespace percepnet::training {

// y (rows, columns) -> x in bf16 and one over the deviation of each row.
void normalise(int rows, int columns, const float *y, Bf16 *x, float *scale);

// Adds to d_y what d_x (rows, columns) says.
void normalise_backward(int rows, int columns, const Bf16 *x, const float *scale, const float *d_x,
                        float *d_y);

} // namespace percepnet::training

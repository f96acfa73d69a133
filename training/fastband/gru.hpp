// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// One step of a GRU for many rows, forward and backward, in the convention of torch.nn.GRU:
//   r = sigmoid(Wr x + br + Ur h + cr)    z likewise
//   n = tanh(Wn x + bn + r * (Un h + cn)) h <- n + z * (h - n)
// Products, gates and the new state are one loop: nothing but what backward needs is written.
#pragma once

#include "product.hpp"

namespace percepnet::training {

// Row-major f32, gate order r, z, n, as torch keeps them: ih (3 units, inputs), hh (3 units,
// units).
template <class T> struct GruTensors { T *ih, *hh, *bias_ih, *bias_hh; };

class Gru {
public:
    Gru(int inputs, int units, const GruTensors<const float> &weights);

    int inputs() const { return inputs_; }
    int units() const { return units_; }

    // x (rows, inputs); previous: the last h in bf16, null for zero; state (rows, units): the last
    // h in f32, becomes the new one; h: the new one in bf16; gates (rows, units / 16, 4, 16): r, z,
    // n and Un h + cn, aligned to 64 bytes. Strides are in elements.
    void forward(int rows, const Bf16 *x, const Bf16 *previous, float *state, Bf16 *h, int stride_h,
                 Bf16 *gates) const;

    // d_h (rows, units): the gradient of the new h; d_previous: of the last one, stored or added
    // to, null where nobody asks; d_x (rows, inputs): of x. d_gates (rows, 4 units): scratch;
    // d_pairs (rows / 2, 4 units, 2): what add_gradient() wants. Adds to bias (4 units).
    void backward(int rows, const Bf16 *gates, const Bf16 *previous, int stride_h, const float *d_h,
                  float *d_previous, int stride_d, Sum sum_previous, float *d_x, Sum sum_x,
                  Bf16 *d_gates, Bf16 *d_pairs, float *bias) const;

private:
    template <int kRows>
    void forward_tile(int unit, const Bf16 *x, const Bf16 *previous, float *state, Bf16 *h,
                      int stride_h, Bf16 *gates) const;
    void backward_gates(int rows, const Bf16 *gates, const Bf16 *previous, int stride_h,
                        const float *d_h, float *d_previous, int stride_d, Sum sum, Bf16 *d_gates,
                        Bf16 *d_pairs, float *bias) const;

    int inputs_, units_;
    std::vector<Bf16> forward_weights_; // (units / 16, inputs / 2 + units / 2, 3, 16, 2)
    std::vector<float> forward_bias_;   // (4 units): r, z, of x in n, of h in n
    Packed input_, hidden_;             // (3 units, inputs) and (3 units, units)
};

// Sums of the gradients of a GRU's weights. Inside, the gates are in the order n, r, z, Un h: the
// first three are those of Wx, the last three those of Uh.
class GruGradient {
public:
    GruGradient(int inputs, int units);

    float *bias() { return bias_.data(); }
    void add_input(int rows, const Bf16 *d_pairs, const Bf16 *x_pairs);
    void add_hidden(int rows, const Bf16 *d_pairs, const Bf16 *h_pairs, int stride_h);
    void write(const GruTensors<float> &out) const;

private:
    int inputs_, units_;
    std::vector<float> input_, hidden_, bias_;
};

} // namespace percepnet::training

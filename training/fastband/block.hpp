// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// A block of the band network at one hop: a GRU up and one down over the bands, then a GRU over
// time for each band; both take the normalised rows y and add their answer to y.
#pragma once

#include "gru.hpp"
#include "shape.hpp"

namespace percepnet::training {

template <class T> struct BlockTensors {
    GruTensors<T> chain[2]; // up, down
    T *band_out, *band_out_bias;
    GruTensors<T> time;
    T *time_out, *time_out_bias;
};

// What forward leaves of one hop for backward.
struct BlockRecord {
    BlockRecord(const Shape &shape, Arena &arena);

    Bf16 *band_x;      // (rows, channels), normalised
    float *band_scale; // (rows)
    Bf16 *gates[2];    // of each chain (rows, band_units / 16, 4, 16)
    Bf16 *band_h;      // (rows, 2 band_units)
    Bf16 *time_x;
    float *time_scale;
    Bf16 *time_gates;
    Bf16 *time_h; // (rows, time_units)
};

// Sums of the gradients of a block's weights.
struct BlockGradient {
    explicit BlockGradient(const Shape &shape);
    void write(const BlockTensors<float> &out) const;

    GruGradient chain[2], time;
    std::vector<float> band_out, band_out_bias, time_out, time_out_bias;
};

// Memory that no hop leaves anything in.
struct BlockScratch {
    explicit BlockScratch(const Shape &shape);

    std::vector<float> chain_state;            // (2, batch, band_units)
    std::vector<float> d_h;                    // (rows, 2 band_units)
    std::vector<float> d_x;                    // (rows, channels)
    std::vector<Bf16> d_y, d_y_pairs, x_pairs; // (rows, channels)
    std::vector<Bf16> h_pairs, previous_pairs; // (rows, the most units)
    std::vector<Bf16> d_gates, d_pairs;        // (rows, 4 of the most units)
};

class Block {
public:
    Block(const Shape &shape, const BlockTensors<const float> &weights);

    // y (rows, channels); previous, state: the last h of the GRU over time, bf16 and f32.
    void forward(const BlockRecord &record, const Bf16 *previous, float *state, float *y,
                 BlockScratch &scratch) const;

    // d_state (rows, time_units): the gradient of h that later hops ask for; becomes that of the
    // hop before. d_y: in and out. first: no hop before asks.
    void backward(const BlockRecord &record, const Bf16 *previous, bool first, float *d_state,
                  float *d_y, BlockGradient &gradient, BlockScratch &scratch) const;

private:
    void forward_bands(const BlockRecord &record, float *y, BlockScratch &scratch) const;
    void backward_bands(const BlockRecord &record, float *d_y, BlockGradient &gradient,
                        BlockScratch &scratch) const;
    void backward_chain(int which, const BlockRecord &record, BlockGradient &gradient,
                        BlockScratch &scratch) const;
    void backward_time(int first_row, int rows, const BlockRecord &record, const Bf16 *previous,
                       bool first, float *d_state, float *d_y, BlockGradient &gradient,
                       BlockScratch &scratch) const;

    const Shape shape_;
    const Gru chain_[2], time_;
    Packed band_out_, band_out_back_, time_out_, time_out_back_;
    std::vector<float> band_out_bias_, time_out_bias_;
};

// sum (columns) += the rows of d.
void add_rows(int rows, int columns, const float *d, float *sum);

} // namespace percepnet::training

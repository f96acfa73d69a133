// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "block.hpp"

#include <algorithm>

#include "norm.hpp"

namespace percepnet::training {
namespace {

constexpr int kTimeChunk = 128; // rows whose gradients stay in the second cache

// weight (outputs, inputs) as torch keeps it: y = W x, and the gradient's way back.
void pack_dense(const float *weight, int outputs, int inputs, Packed &ahead, Packed &back) {
    ahead.pack(inputs, outputs, [&](int k, int n) { return weight[n * inputs + k]; });
    back.pack(outputs, inputs, [&](int k, int n) { return weight[k * inputs + n]; });
}

void copy(const std::vector<float> &from, float *to) {
    std::copy(from.begin(), from.end(), to);
}

} // namespace

BlockRecord::BlockRecord(const Shape &s, Arena &arena) {
    const size_t rows = s.rows();
    band_x = arena.take<Bf16>(rows * s.channels);
    band_scale = arena.take<float>(rows);
    for (Bf16 *&g : gates)
        g = arena.take<Bf16>(rows * 4 * s.band_units);
    band_h = arena.take<Bf16>(rows * 2 * s.band_units);
    time_x = arena.take<Bf16>(rows * s.channels);
    time_scale = arena.take<float>(rows);
    time_gates = arena.take<Bf16>(rows * 4 * s.time_units);
    time_h = arena.take<Bf16>(rows * s.time_units);
}

BlockGradient::BlockGradient(const Shape &s)
    : chain{GruGradient(s.channels, s.band_units), GruGradient(s.channels, s.band_units)},
      time(s.channels, s.time_units), band_out(s.channels * 2 * s.band_units),
      band_out_bias(s.channels), time_out(s.channels * s.time_units), time_out_bias(s.channels) {}

void BlockGradient::write(const BlockTensors<float> &out) const {
    for (int which = 0; which < 2; which++)
        chain[which].write(out.chain[which]);
    time.write(out.time);
    copy(band_out, out.band_out);
    copy(band_out_bias, out.band_out_bias);
    copy(time_out, out.time_out);
    copy(time_out_bias, out.time_out_bias);
}

BlockScratch::BlockScratch(const Shape &s) {
    const size_t rows = s.rows(), units = std::max(2 * s.band_units, s.time_units);
    chain_state.resize(2 * s.batch * s.band_units);
    d_h.resize(rows * 2 * s.band_units);
    d_x.resize(rows * s.channels);
    d_y.resize(rows * s.channels);
    d_y_pairs.resize(rows * s.channels);
    x_pairs.resize(rows * s.channels);
    h_pairs.resize(rows * units);
    previous_pairs.resize(kTimeChunk * s.time_units);
    d_gates.resize(std::max(s.batch * 4 * s.band_units, kTimeChunk * 4 * s.time_units));
    d_pairs.resize(std::max<size_t>(rows * 4 * s.band_units, kTimeChunk * 4 * s.time_units));
}

Block::Block(const Shape &s, const BlockTensors<const float> &w)
    : shape_(s), chain_{Gru(s.channels, s.band_units, w.chain[0]),
                        Gru(s.channels, s.band_units, w.chain[1])},
      time_(s.channels, s.time_units, w.time),
      band_out_bias_(w.band_out_bias, w.band_out_bias + s.channels),
      time_out_bias_(w.time_out_bias, w.time_out_bias + s.channels) {
    pack_dense(w.band_out, s.channels, 2 * s.band_units, band_out_, band_out_back_);
    pack_dense(w.time_out, s.channels, s.time_units, time_out_, time_out_back_);
}

void Block::forward_bands(const BlockRecord &record, float *y, BlockScratch &scratch) const {
    const Shape &s = shape_;
    const int units = s.band_units, width = 2 * units;
    normalise(s.rows(), s.channels, y, record.band_x, record.band_scale);
    std::fill(scratch.chain_state.begin(), scratch.chain_state.end(), 0.f);
    for (int step = 0; step < s.bands; step++)
        for (int which = 0; which < 2; which++) {
            const int row = (which ? s.bands - 1 - step : step) * s.batch;
            const int before = which ? row + s.batch : row - s.batch;
            Bf16 *h = record.band_h + which * units;
            chain_[which].forward(s.batch, record.band_x + row * s.channels,
                                  step ? h + before * width : nullptr,
                                  scratch.chain_state.data() + which * s.batch * units,
                                  h + row * width, width, record.gates[which] + row * 4 * units);
        }
    product(s.rows(), record.band_h, width, band_out_, band_out_bias_.data(), y, s.channels,
            Sum::kAdd);
}

void Block::forward(const BlockRecord &record, const Bf16 *previous, float *state, float *y,
                    BlockScratch &scratch) const {
    const Shape &s = shape_;
    forward_bands(record, y, scratch);
    normalise(s.rows(), s.channels, y, record.time_x, record.time_scale);
    time_.forward(s.rows(), record.time_x, previous, state, record.time_h, s.time_units,
                  record.time_gates);
    product(s.rows(), record.time_h, s.time_units, time_out_, time_out_bias_.data(), y, s.channels,
            Sum::kAdd);
}

void Block::backward_time(int first_row, int rows, const BlockRecord &record, const Bf16 *previous,
                          bool first, float *d_state, float *d_y, BlockGradient &gradients,
                          BlockScratch &scratch) const {
    const int channels = shape_.channels, units = shape_.time_units;
    const Bf16 *x = record.time_x + first_row * channels;
    const Bf16 *h = record.time_h + first_row * units;
    previous += first_row * units;
    d_state += first_row * units;
    d_y += first_row * channels;
    round_rows(rows, channels, d_y, scratch.d_y.data(), scratch.d_y_pairs.data());
    pair_rows(rows, units, h, units, scratch.h_pairs.data());
    pair_rows(rows, units, previous, units, scratch.previous_pairs.data());
    pair_rows(rows, channels, x, channels, scratch.x_pairs.data());
    add_rows(rows, channels, d_y, gradients.time_out_bias.data());
    gradient(rows / 2, scratch.d_y_pairs.data(), channels, channels, scratch.h_pairs.data(), units,
             units, gradients.time_out.data());
    product(rows, scratch.d_y.data(), channels, time_out_back_, nullptr, d_state, units, Sum::kAdd);
    time_.backward(rows, record.time_gates + first_row * 4 * units, previous, units, d_state,
                   first ? nullptr : d_state, units, Sum::kStore, scratch.d_x.data(), Sum::kStore,
                   scratch.d_gates.data(), scratch.d_pairs.data(), gradients.time.bias());
    gradients.time.add_input(rows, scratch.d_pairs.data(), scratch.x_pairs.data());
    gradients.time.add_hidden(rows, scratch.d_pairs.data(), scratch.previous_pairs.data(), units);
    normalise_backward(rows, channels, x, record.time_scale + first_row, scratch.d_x.data(), d_y);
}

void Block::backward_chain(int which, const BlockRecord &record, BlockGradient &gradients,
                           BlockScratch &scratch) const {
    const Shape &s = shape_;
    const int units = s.band_units, width = 2 * units;
    const Bf16 *h = record.band_h + which * units;
    float *d_h = scratch.d_h.data() + which * units;
    Bf16 *d_pairs = scratch.d_pairs.data();
    for (int step = s.bands - 1; step >= 0; step--) {
        const int row = (which ? s.bands - 1 - step : step) * s.batch;
        const int before = which ? row + s.batch : row - s.batch;
        chain_[which].backward(
            s.batch, record.gates[which] + row * 4 * units, step ? h + before * width : nullptr,
            width, d_h + row * width, step ? d_h + before * width : nullptr, width, Sum::kAdd,
            scratch.d_x.data() + row * s.channels, which ? Sum::kAdd : Sum::kStore,
            scratch.d_gates.data(), d_pairs + row * 4 * units, gradients.chain[which].bias());
    }
    gradients.chain[which].add_input(s.rows(), d_pairs, scratch.x_pairs.data());
    // The h before a band is that of its neighbour: the same rows, one band apart.
    const Bf16 *h_pairs = scratch.h_pairs.data() + which * (s.batch * width + 2 * units);
    gradients.chain[which].add_hidden(s.rows() - s.batch,
                                      d_pairs + (which ? 0 : s.batch * 4 * units), h_pairs, width);
}

void Block::backward_bands(const BlockRecord &record, float *d_y, BlockGradient &gradients,
                           BlockScratch &scratch) const {
    const int rows = shape_.rows(), channels = shape_.channels, width = 2 * shape_.band_units;
    round_rows(rows, channels, d_y, scratch.d_y.data(), scratch.d_y_pairs.data());
    pair_rows(rows, width, record.band_h, width, scratch.h_pairs.data());
    pair_rows(rows, channels, record.band_x, channels, scratch.x_pairs.data());
    add_rows(rows, channels, d_y, gradients.band_out_bias.data());
    gradient(rows / 2, scratch.d_y_pairs.data(), channels, channels, scratch.h_pairs.data(), width,
             width, gradients.band_out.data());
    product(rows, scratch.d_y.data(), channels, band_out_back_, nullptr, scratch.d_h.data(), width,
            Sum::kStore);
    for (int which = 0; which < 2; which++)
        backward_chain(which, record, gradients, scratch);
    normalise_backward(rows, channels, record.band_x, record.band_scale, scratch.d_x.data(), d_y);
}

void Block::backward(const BlockRecord &record, const Bf16 *previous, bool first, float *d_state,
                     float *d_y, BlockGradient &gradients, BlockScratch &scratch) const {
    const int rows = shape_.rows();
    for (int row = 0; row < rows; row += kTimeChunk)
        backward_time(row, std::min(kTimeChunk, rows - row), record, previous, first, d_state, d_y,
                      gradients, scratch);
    backward_bands(record, d_y, gradients, scratch);
}

void add_rows(int rows, int columns, const float *d, float *sum) {
    for (int c = 0; c < columns; c += kLanes) {
        __m512 total = load(sum + c);
        for (int row = 0; row < rows; row++)
            total = _mm512_add_ps(total, load(d + row * columns + c));
        store(sum + c, total);
    }
}

} // namespace percepnet::training

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "stack.hpp"

#include <algorithm>
#include <cstring>

#include "norm.hpp"

namespace percepnet::training {

struct Stack::Scratch {
    explicit Scratch(const Shape &s)
        : block(s), y(s.rows() * s.channels), inputs(s.rows() * s.padded_inputs()),
          input_pairs(inputs.size()), wide(s.rows() * std::max(s.channels, kLanes)),
          first(s.blocks, std::vector<Bf16>(s.rows() * s.time_units)) {}

    // The last h, in bf16, of a block before the first hop.
    void round_states(const std::vector<const float *> &states) {
        for (size_t i = 0; i < first.size(); i++)
            for (size_t k = 0; k < first[i].size(); k += kLanes)
                store(first[i].data() + k, load(states[i] + k));
    }

    BlockScratch block;
    std::vector<float> y;                  // (rows, channels), or its gradient
    std::vector<Bf16> inputs, input_pairs; // (rows, padded_inputs)
    std::vector<float> wide;
    std::vector<std::vector<Bf16>> first;
};

struct Stack::Gradient {
    explicit Gradient(const Shape &s)
        : blocks(s.blocks, BlockGradient(s)), input(s.channels * s.padded_inputs()),
          embedding(s.bands * s.channels), hidden(s.channels * s.channels), hidden_bias(s.channels),
          output(2 * s.channels) {}

    void write(const Shape &s, const StackTensors<float> &out) const {
        for (int c = 0; c < s.channels; c++)
            std::copy_n(input.data() + c * s.padded_inputs(), s.inputs(),
                        out.input + c * s.inputs());
        std::copy(embedding.begin(), embedding.end(), out.embedding);
        for (size_t i = 0; i < blocks.size(); i++)
            blocks[i].write(out.blocks[i]);
        std::copy(hidden.begin(), hidden.end(), out.hidden);
        std::copy(hidden_bias.begin(), hidden_bias.end(), out.hidden_bias);
        std::copy(output.begin(), output.end(), out.output);
    }

    std::vector<BlockGradient> blocks;
    std::vector<float> input, embedding, hidden, hidden_bias, output;
};

Stack::Record::Record(const Shape &s, Arena arena) {
    const uintptr_t begin = arena.end();
    for (int i = 0; i < s.blocks; i++)
        blocks.emplace_back(s, arena);
    x = arena.take<Bf16>(s.rows() * s.channels);
    h = arena.take<Bf16>(s.rows() * s.channels);
    scale = arena.take<float>(s.rows());
    bytes = arena.end() - begin;
}

size_t Stack::record_bytes(const Shape &shape, bool keep) {
    return Record(shape, Arena(nullptr)).bytes * (keep ? shape.hops : 2);
}

Stack::Record Stack::record_of(int hop, bool keep, char *record) const {
    const size_t bytes = record_bytes(shape_, false) / 2;
    return Record(shape_, Arena(record + bytes * (keep ? hop : hop % 2)));
}

Stack::Stack(const Shape &s, const StackTensors<const float> &w)
    : shape_(s), embedding_(w.embedding, w.embedding + s.bands * s.channels),
      hidden_bias_(w.hidden_bias, w.hidden_bias + s.channels),
      output_weights_(w.output, w.output + 2 * s.channels) {
    for (const auto &block : w.blocks)
        blocks_.push_back(std::make_unique<Block>(s, block));
    const int C = s.channels;
    input_.pack(s.inputs(), C, [&](int k, int n) { return w.input[n * s.inputs() + k]; });
    hidden_.pack(C, C, [&](int k, int n) { return w.hidden[n * C + k]; });
    hidden_back_.pack(C, C, [&](int k, int n) { return w.hidden[k * C + n]; });
    output_.pack(C, kLanes, [&](int k, int n) { return n < 2 ? w.output[n * C + k] : 0.f; });
}

// The input layer's rows at a hop: what each band had in the last hops, the oldest first.
void Stack::gather(const StackInput &input, int hop, Bf16 *rows) const {
    const Shape &s = shape_;
    const int stride = s.padded_inputs(), width = s.past * s.features;
    for (int row = 0; row < s.rows(); row++, rows += stride) {
        for (int i = 0; i < s.past; i++)
            std::memcpy(rows + i * s.features,
                        input.bands + ((hop + i) * s.rows() + row) * s.features,
                        s.features * sizeof(Bf16));
        for (int i = 0; i < s.fine_past; i++)
            std::memcpy(rows + width + i * s.fine,
                        input.fine + ((hop + i) * s.rows() + row) * s.fine, s.fine * sizeof(Bf16));
    }
}

void Stack::forward_output(const Record &record, const float *y, float *logits, float *hidden,
                           Scratch &scratch) const {
    const int rows = shape_.rows(), C = shape_.channels, one_band = shape_.batch * C;
    float *wide = scratch.wide.data();
    normalise(rows, C, y, record.x, record.scale);
    product(rows, record.x, C, hidden_, hidden_bias_.data(), wide, C, Sum::kStore);
    std::fill_n(hidden, one_band, 0.f);
    const __m512 share = _mm512_set1_ps(1.f / shape_.bands);
    for (int i = 0; i < rows * C; i += kLanes) {
        const __m512 h = tanh_ps(load(wide + i));
        store(record.h + i, h);
        float *sum = hidden + i % one_band;
        store(sum, _mm512_fmadd_ps(h, share, load(sum)));
    }
    product(rows, record.h, C, output_, nullptr, wide, kLanes, Sum::kStore);
    for (int row = 0; row < rows; row++)
        std::copy_n(wide + row * kLanes, 2, logits + row * 2);
}

void Stack::forward(const StackInput &input, const std::vector<float *> &states, bool keep,
                    char *record, float *logits, float *hidden) const {
    const Shape &s = shape_;
    Scratch scratch(s);
    scratch.round_states({states.begin(), states.end()});
    std::vector<const Bf16 *> previous;
    for (const auto &first : scratch.first)
        previous.push_back(first.data());
    const int stride = s.padded_inputs();
    for (int hop = 0; hop < s.hops; hop++) {
        const Record now = record_of(hop, keep, record);
        gather(input, hop, scratch.inputs.data());
        for (int band = 0; band < s.bands; band++)
            product(s.batch, scratch.inputs.data() + band * s.batch * stride, stride, input_,
                    embedding_.data() + band * s.channels,
                    scratch.y.data() + band * s.batch * s.channels, s.channels, Sum::kStore);
        for (int i = 0; i < s.blocks; i++) {
            blocks_[i]->forward(now.blocks[i], previous[i], states[i], scratch.y.data(),
                                scratch.block);
            previous[i] = now.blocks[i].time_h;
        }
        forward_output(now, scratch.y.data(), logits + hop * s.rows() * 2,
                       hidden + hop * s.batch * s.channels, scratch);
    }
}

// Leaves the gradient of y in scratch.y.
void Stack::backward_output(const Record &record, const float *d_logits, const float *d_hidden,
                            Scratch &scratch, Gradient &total) const {
    const int rows = shape_.rows(), C = shape_.channels;
    const __m512 one = _mm512_set1_ps(1.f), share = _mm512_set1_ps(1.f / shape_.bands);
    BlockScratch &block = scratch.block;
    for (int row = 0; row < rows; row++) {
        const __m512 gain = _mm512_set1_ps(d_logits[2 * row]);
        const __m512 strength = _mm512_set1_ps(d_logits[2 * row + 1]);
        for (int c = 0; c < C; c += kLanes) {
            const __m512 h = load(record.h + row * C + c);
            float *output = total.output.data() + c;
            store(output, _mm512_fmadd_ps(gain, h, load(output)));
            store(output + C, _mm512_fmadd_ps(strength, h, load(output + C)));
            __m512 d = _mm512_mul_ps(share, load(d_hidden + row % shape_.batch * C + c));
            d = _mm512_fmadd_ps(gain, load(output_weights_.data() + c), d);
            d = _mm512_fmadd_ps(strength, load(output_weights_.data() + C + c), d);
            store(block.d_x.data() + row * C + c, _mm512_mul_ps(d, _mm512_fnmadd_ps(h, h, one)));
        }
    }
    add_rows(rows, C, block.d_x.data(), total.hidden_bias.data());
    round_rows(rows, C, block.d_x.data(), block.d_y.data(), block.d_y_pairs.data());
    pair_rows(rows, C, record.x, C, block.x_pairs.data());
    gradient(rows / 2, block.d_y_pairs.data(), C, C, block.x_pairs.data(), C, C,
             total.hidden.data());
    product(rows, block.d_y.data(), C, hidden_back_, nullptr, block.d_x.data(), C, Sum::kStore);
    std::fill(scratch.y.begin(), scratch.y.end(), 0.f);
    normalise_backward(rows, C, record.x, record.scale, block.d_x.data(), scratch.y.data());
}

void Stack::backward_input(const StackInput &input, int hop, Scratch &scratch,
                           Gradient &total) const {
    const Shape &s = shape_;
    const int stride = s.padded_inputs(), C = s.channels;
    BlockScratch &block = scratch.block;
    gather(input, hop, scratch.inputs.data());
    pair_rows(s.rows(), stride, scratch.inputs.data(), stride, scratch.input_pairs.data());
    round_rows(s.rows(), C, scratch.y.data(), block.d_y.data(), block.d_y_pairs.data());
    gradient(s.rows() / 2, block.d_y_pairs.data(), C, C, scratch.input_pairs.data(), stride, stride,
             total.input.data());
    for (int band = 0; band < s.bands; band++)
        add_rows(s.batch, C, scratch.y.data() + band * s.batch * C,
                 total.embedding.data() + band * C);
}

void Stack::backward(const StackInput &input, const std::vector<const float *> &states,
                     char *record, const float *d_logits, const float *d_hidden,
                     const StackTensors<float> &gradients) const {
    const Shape &s = shape_;
    Scratch scratch(s);
    Gradient total(s);
    scratch.round_states(states);
    std::vector<std::vector<float>> d_states(s.blocks, std::vector<float>(s.rows() * s.time_units));
    for (int hop = s.hops - 1; hop >= 0; hop--) {
        const Record now = record_of(hop, true, record);
        backward_output(now, d_logits + hop * s.rows() * 2, d_hidden + hop * s.batch * s.channels,
                        scratch, total);
        for (int i = s.blocks - 1; i >= 0; i--) {
            const Bf16 *previous =
                hop ? record_of(hop - 1, true, record).blocks[i].time_h : scratch.first[i].data();
            blocks_[i]->backward(now.blocks[i], previous, hop == 0, d_states[i].data(),
                                 scratch.y.data(), total.blocks[i], scratch.block);
        }
        backward_input(input, hop, scratch, total);
    }
    total.write(s, gradients);
}

} // namespace percepnet::training

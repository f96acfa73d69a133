// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The band network from its input layer to its output layer, hop by hop: all that a hop needs is in
// the cache while it is worked on. Everything runs in one thread.
#pragma once

#include <memory>

#include "block.hpp"

namespace percepnet::training {

template <class T> struct StackTensors {
    T *input, *embedding; // (channels, inputs), (bands, channels): biases included
    std::vector<BlockTensors<T>> blocks;
    T *hidden, *hidden_bias; // (channels, channels): a tanh follows
    T *output;               // (2, channels): gain and strength
};

// bf16: bands (hops + past - 1, rows, features), fine (hops + fine_past - 1, rows, fine).
struct StackInput {
    const Bf16 *bands, *fine;
};

class Stack {
public:
    Stack(const Shape &shape, const StackTensors<const float> &weights);

    // Bytes of the record of all hops (or of two, where no backward follows).
    static size_t record_bytes(const Shape &shape, bool keep);

    // states: of each block (rows, time_units), in and out. logits (hops, rows, 2); hidden (hops,
    // batch, channels): the mean over the bands of what the output layer sees.
    void forward(const StackInput &input, const std::vector<float *> &states, bool keep,
                 char *record, float *logits, float *hidden) const;

    // After a forward that kept its record; states: those that it began with.
    void backward(const StackInput &input, const std::vector<const float *> &states, char *record,
                  const float *d_logits, const float *d_hidden,
                  const StackTensors<float> &gradients) const;

private:
    struct Record {
        Record(const Shape &shape, Arena arena);

        std::vector<BlockRecord> blocks;
        Bf16 *x, *h; // of the output layer: normalised, and after the tanh (rows, channels)
        float *scale;
        size_t bytes;
    };
    struct Scratch;
    struct Gradient;

    Record record_of(int hop, bool keep, char *record) const;
    void gather(const StackInput &input, int hop, Bf16 *rows) const;
    void forward_output(const Record &record, const float *y, float *logits, float *hidden,
                        Scratch &scratch) const;
    void backward_output(const Record &record, const float *d_logits, const float *d_hidden,
                         Scratch &scratch, Gradient &gradient) const;
    void backward_input(const StackInput &input, int hop, Scratch &scratch,
                        Gradient &gradient) const;

    const Shape shape_;
    std::vector<std::unique_ptr<Block>> blocks_;
    Packed input_, hidden_, hidden_back_, output_;
    std::vector<float> embedding_, hidden_bias_, output_weights_;
};

} // namespace percepnet::training

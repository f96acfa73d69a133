// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The stack for torch. sizes: those of Shape, in its order. weights and their gradients: contiguous
// f32 tensors in the order of read_tensors().
#include <torch/extension.h>

#include "stack.hpp"

namespace {

using at::Tensor;
using namespace percepnet::training;

Shape read_shape(const std::vector<int> &sizes) {
    TORCH_CHECK(sizes.size() == 11, "fastband: 11 sizes");
    Shape s{sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5],
            sizes[6], sizes[7], sizes[8], sizes[9], sizes[10]};
    TORCH_CHECK(s.hops > 0 && s.batch % 2 == 0 && s.channels % kLanes == 0 &&
                    s.band_units % kLanes == 0 && s.time_units % kLanes == 0 && s.inputs() % 2 == 0,
                "fastband: the batch must be even, units and channels multiples of 16");
    return s;
}

template <class T> StackTensors<T> read_tensors(const Shape &s, const std::vector<Tensor> &all) {
    TORCH_CHECK(all.size() == 5 + 16 * static_cast<size_t>(s.blocks), "fastband: weights missing");
    size_t at = 0;
    const auto next = [&](int64_t count) {
        const Tensor &t = all[at++];
        TORCH_CHECK(t.is_contiguous() && t.scalar_type() == at::kFloat && t.numel() == count,
                    "fastband: weight ", at - 1, " must be contiguous float with ", count);
        return static_cast<T *>(t.data_ptr<float>());
    };
    const auto gru = [&](int units) {
        const int rows = 3 * units;
        GruTensors<T> g;
        g.ih = next(rows * s.channels);
        g.hh = next(rows * units);
        g.bias_ih = next(rows);
        g.bias_hh = next(rows);
        return g;
    };
    StackTensors<T> w;
    w.input = next(s.channels * s.inputs());
    w.embedding = next(s.bands * s.channels);
    for (int i = 0; i < s.blocks; i++) {
        BlockTensors<T> b;
        b.chain[0] = gru(s.band_units);
        b.chain[1] = gru(s.band_units);
        b.band_out = next(s.channels * 2 * s.band_units);
        b.band_out_bias = next(s.channels);
        b.time = gru(s.time_units);
        b.time_out = next(s.channels * s.time_units);
        b.time_out_bias = next(s.channels);
        w.blocks.push_back(b);
    }
    w.hidden = next(s.channels * s.channels);
    w.hidden_bias = next(s.channels);
    w.output = next(2 * s.channels);
    return w;
}

StackInput read_input(const Shape &s, const Tensor &bands, const Tensor &fine) {
    const auto check = [&](const Tensor &t, int64_t past, int64_t width) {
        TORCH_CHECK(t.is_contiguous() && t.scalar_type() == at::kBFloat16 &&
                        t.numel() == (s.hops + past - 1) * s.rows() * width,
                    "fastband: input must be contiguous bf16 of the stated size");
        return static_cast<const Bf16 *>(t.data_ptr());
    };
    return {check(bands, s.past, s.features), s.fine ? check(fine, s.fine_past, s.fine) : nullptr};
}

void check_states(const Shape &s, const std::vector<Tensor> &states) {
    TORCH_CHECK(states.size() == static_cast<size_t>(s.blocks), "fastband: a state for each block");
    for (const Tensor &t : states)
        TORCH_CHECK(t.is_contiguous() && t.scalar_type() == at::kFloat &&
                        t.numel() == s.rows() * s.time_units,
                    "fastband: states must be contiguous float (bands * batch, time_units)");
}

int64_t record_bytes(const std::vector<int> &sizes, bool keep) {
    return Stack::record_bytes(read_shape(sizes), keep) + 64;
}

char *aligned(const Tensor &record) {
    const auto at = reinterpret_cast<uintptr_t>(record.data_ptr());
    return reinterpret_cast<char *>((at + 63) / 64 * 64);
}

// Returns logits, hidden; changes states in place.
std::vector<Tensor> forward(const std::vector<int> &sizes, const Tensor &bands, const Tensor &fine,
                            const std::vector<Tensor> &weights, const std::vector<Tensor> &states,
                            const Tensor &record, bool keep) {
    const Shape s = read_shape(sizes);
    check_states(s, states);
    TORCH_CHECK(record.nbytes() >= static_cast<size_t>(record_bytes(sizes, keep)),
                "fastband: the record is too small");
    const Tensor logits = at::empty({s.hops, s.bands, s.batch, 2}, at::kFloat);
    const Tensor hidden = at::empty({s.hops, s.batch, s.channels}, at::kFloat);
    std::vector<float *> state_data;
    for (const Tensor &t : states)
        state_data.push_back(t.data_ptr<float>());
    const Stack stack(s, read_tensors<const float>(s, weights));
    stack.forward(read_input(s, bands, fine), state_data, keep, aligned(record),
                  logits.data_ptr<float>(), hidden.data_ptr<float>());
    return {logits, hidden};
}

std::vector<Tensor> backward(const std::vector<int> &sizes, const Tensor &bands, const Tensor &fine,
                             const std::vector<Tensor> &weights, const std::vector<Tensor> &states,
                             const Tensor &record, const Tensor &d_logits, const Tensor &d_hidden) {
    const Shape s = read_shape(sizes);
    check_states(s, states);
    std::vector<const float *> state_data;
    for (const Tensor &t : states)
        state_data.push_back(t.data_ptr<float>());
    std::vector<Tensor> gradients;
    for (const Tensor &w : weights)
        gradients.push_back(at::empty_like(w));
    const Stack stack(s, read_tensors<const float>(s, weights));
    const Tensor logits = d_logits.contiguous(), hidden = d_hidden.contiguous();
    TORCH_CHECK(logits.numel() == 2ll * s.hops * s.rows() &&
                    hidden.numel() == 1ll * s.hops * s.batch * s.channels,
                "fastband: gradients of another size");
    stack.backward(read_input(s, bands, fine), state_data, aligned(record),
                   logits.data_ptr<float>(), hidden.data_ptr<float>(),
                   read_tensors<float>(s, gradients));
    return gradients;
}

} // namespace

PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) {
    m.def("record_bytes", &record_bytes);
    m.def("forward", &forward, py::call_guard<py::gil_scoped_release>());
    m.def("backward", &backward, py::call_guard<py::gil_scoped_release>());
}

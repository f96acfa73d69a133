// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// One hop through the dense network (paper section 3.3, docs/algorithm.md): 70 features of the
// newest hop in, 34 gains and 34 comb strengths out. The look-ahead is not seen here: the
// convolutions run when a hop arrives, and the caller applies the output to the hop look_ahead
// before it.
#include "nn/dense_network.hpp"

#include <algorithm>
#include <cassert>

namespace percepnet::nn {
namespace {

// Most rows that one product has: the three gates of a GRU, or a front-end layer.
int most_rows(const Architecture &a) {
    return std::max({3 * a.width, 3 * a.strength_width, a.fc, a.bands});
}

// Makes room for a hop of size values at the end.
void shift(Activation &history, int size, int hops) noexcept {
    const int kept = size * (hops - 1);
    std::copy_n(history.f32.data() + size, kept, history.f32.data());
    std::copy_n(history.int8.data() + size, kept, history.int8.data());
}

void copy(const Activation &from, int size, Activation &to, int first) noexcept {
    std::copy_n(from.f32.data(), size, to.f32.data() + first);
    std::copy_n(from.int8.data(), size, to.int8.data() + first);
}

} // namespace

DenseNetwork::DenseNetwork(std::shared_ptr<const Model> model, const kernels::Kernels &kernels)
    : model_(std::move(model)), layers_(kernels, most_rows(model_->architecture())),
      features_(model_->architecture().features),
      fc_history_(model_->architecture().fc * model_->architecture().conv1_kernel),
      conv1_history_(model_->architecture().width * model_->architecture().conv2_kernel),
      conv2_(model_->architecture().width),
      gru_(model_->architecture().gru_layers, Activation(model_->architecture().width)),
      gru_g_(model_->architecture().width), gru_r_(model_->architecture().strength_width),
      gain_input_(model_->architecture().concat()),
      strength_input_(2 * model_->architecture().width) {}

void DenseNetwork::reset() noexcept {
    for (Activation *memory : {&fc_history_, &conv1_history_, &gru_g_, &gru_r_})
        memory->clear();
    for (Activation &state : gru_)
        state.clear();
}

void DenseNetwork::front_end(Span<const float> features) noexcept {
    const Architecture &a = model_->architecture();
    const DenseParameters &p = model_->dense();
    assert(features.size() == std::size_t(a.features));
    for (int i = 0; i < a.features; i++)
        features_.f32[i] = (features[i] - p.feature_mean[i]) * p.feature_scale[i];
    shift(fc_history_, a.fc, a.conv1_kernel);
    layers_.dense_tanh(p.fc, features_, fc_history_, a.fc * (a.conv1_kernel - 1));
    shift(conv1_history_, a.width, a.conv2_kernel);
    layers_.dense_tanh(p.conv1, fc_history_, conv1_history_, a.width * (a.conv2_kernel - 1));
    layers_.dense_tanh(p.conv2, conv1_history_, conv2_, 0);
}

void DenseNetwork::gain_branch(NetworkOutput &out) noexcept {
    const DenseParameters &p = model_->dense();
    const int width = model_->architecture().width;
    layers_.gru(p.gru_g, gru_.back(), gru_g_);
    int first = 0;
    copy(conv2_, width, gain_input_, first);
    for (const Activation &state : gru_)
        copy(state, width, gain_input_, first += width);
    copy(gru_g_, width, gain_input_, first + width);
    layers_.dense_sigmoid(p.fc_g, gain_input_, out.gain_b.data());
    layers_.dense_sigmoid(p.fc_v, gain_input_, &out.voice_probability);
}

void DenseNetwork::strength_branch(NetworkOutput &out) noexcept {
    const DenseParameters &p = model_->dense();
    const int width = model_->architecture().width;
    copy(gru_.back(), width, strength_input_, 0);
    copy(conv2_, width, strength_input_, width);
    layers_.gru(p.gru_r, strength_input_, gru_r_);
    layers_.dense_sigmoid(p.fc_r, gru_r_, out.strength_b.data());
}

void DenseNetwork::step(Span<const float> features, NetworkOutput &out) noexcept {
    front_end(features);
    done(clock_, Stage::kFirstLayer);
    const Activation *below = &conv2_;
    for (std::size_t i = 0; i < gru_.size(); i++) {
        layers_.gru(model_->dense().gru[i], *below, gru_[i]);
        below = &gru_[i];
    }
    done(clock_, Stage::kOverTime);
    gain_branch(out);
    strength_branch(out);
    done(clock_, Stage::kAnswer);
}

} // namespace percepnet::nn

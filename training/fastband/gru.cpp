// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "gru.hpp"

#include <algorithm>

namespace percepnet::training {
namespace {

__m512 low(__m512i both) {
    return widen(_mm512_castsi512_si256(both));
}
__m512 high(__m512i both) {
    return widen(_mm512_extracti64x4_epi64(both, 1));
}
// Past the cache: it is not read again before the backward pass. p: aligned to 64 bytes.
void stream_both(Bf16 *p, __m512 first, __m512 second) {
    _mm512_stream_si512(reinterpret_cast<__m512i *>(p),
                        (__m512i)_mm512_cvtne2ps_pbh(second, first));
}

constexpr int kAhead = 8; // rows
void prefetch(const Bf16 *p, int count) {
    for (int i = 0; i < count; i += 64 / int(sizeof(Bf16)))
        _mm_prefetch(reinterpret_cast<const char *>(p + i), _MM_HINT_T0);
}

// The gate of torch's order (r, z, n) at a place of ours (n, r, z).
constexpr int kTorchGate[3] = {2, 0, 1};

} // namespace

Gru::Gru(int inputs, int units, const GruTensors<const float> &w)
    : inputs_(inputs), units_(units), forward_bias_(4 * units) {
    forward_weights_.reserve(3 * units * (inputs + units));
    const auto append = [&](const float *matrix, int columns, int unit) {
        for (int k = 0; k < columns; k += 2)
            for (int gate = 0; gate < 3; gate++)
                for (int lane = 0; lane < kLanes; lane++)
                    for (int i = 0; i < 2; i++)
                        forward_weights_.push_back(
                            to_bf16(matrix[(gate * units + unit + lane) * columns + k + i]));
    };
    for (int unit = 0; unit < units; unit += kLanes) {
        append(w.ih, inputs, unit);
        append(w.hh, units, unit);
    }
    for (int i = 0; i < 2 * units; i++)
        forward_bias_[i] = w.bias_ih[i] + w.bias_hh[i];
    std::copy_n(w.bias_ih + 2 * units, units, forward_bias_.data() + 2 * units);
    std::copy_n(w.bias_hh + 2 * units, units, forward_bias_.data() + 3 * units);
    input_.pack(3 * units, inputs, [&](int k, int n) {
        return w.ih[(kTorchGate[k / units] * units + k % units) * inputs + n];
    });
    hidden_.pack(3 * units, units, [&](int k, int n) { return w.hh[k * units + n]; });
}

template <int kRows>
void Gru::forward_tile(int unit, const Bf16 *x, const Bf16 *previous, float *state, Bf16 *h,
                       int stride_h, Bf16 *gates) const {
    __m512 r[kRows], z[kRows], xn[kRows], hn[kRows];
    const float *bias = forward_bias_.data() + unit;
#pragma GCC unroll 6
    for (int m = 0; m < kRows; m++) {
        r[m] = load(bias);
        z[m] = load(bias + units_);
        xn[m] = load(bias + 2 * units_);
        hn[m] = load(bias + 3 * units_);
    }
    const Bf16 *w = forward_weights_.data() + 3 * unit * (inputs_ + units_);
    const auto sum = [&](const Bf16 *a, int stride, int inner, __m512(&n)[kRows]) {
        for (int k = 0; k < inner; k += 2, w += 6 * kLanes) {
            const __m512i wr = load_pairs(w), wz = load_pairs(w + 2 * kLanes);
            const __m512i wn = load_pairs(w + 4 * kLanes);
#pragma GCC unroll 6
            for (int m = 0; m < kRows; m++) {
                const __m512i left = broadcast_pair(a + m * stride + k);
                r[m] = multiply(r[m], left, wr);
                z[m] = multiply(z[m], left, wz);
                n[m] = multiply(n[m], left, wn);
            }
        }
    };
    sum(x, inputs_, inputs_, xn);
    if (previous)
        sum(previous, stride_h, units_, hn);
#pragma GCC unroll 6
    for (int m = 0; m < kRows; m++) {
        const __m512 reset = sigmoid_ps(r[m]), keep = sigmoid_ps(z[m]);
        const __m512 n = tanh_ps(_mm512_fmadd_ps(reset, hn[m], xn[m]));
        float *s = state + m * units_ + unit;
        const __m512 now = _mm512_fmadd_ps(keep, _mm512_sub_ps(load(s), n), n);
        store(s, now);
        store(h + m * stride_h + unit, now);
        Bf16 *g = gates + 4 * (m * units_ + unit);
        stream_both(g, reset, keep);
        stream_both(g + 2 * kLanes, n, hn[m]);
    }
}

void Gru::forward(int rows, const Bf16 *x, const Bf16 *previous, float *state, Bf16 *h,
                  int stride_h, Bf16 *gates) const {
    for (int unit = 0; unit < units_; unit += kLanes)
        by_tiles(rows, [&](auto count, int m) {
            forward_tile<decltype(count)::value>(
                unit, x + m * inputs_, previous ? previous + m * stride_h : nullptr,
                state + m * units_, h + m * stride_h, stride_h, gates + 4 * m * units_);
        });
}

void Gru::backward_gates(int rows, const Bf16 *gates, const Bf16 *previous, int stride_h,
                         const float *d_h, float *d_previous, int stride_d, Sum sum, Bf16 *d_gates,
                         Bf16 *d_pairs, float *bias) const {
    const __m512 one = _mm512_set1_ps(1.f);
    const int H = units_;
    for (int j = 0; j < H; j += kLanes) {
        __m512 total[4];
        for (int k = 0; k < 4; k++)
            total[k] = load(bias + k * H + j);
        for (int row = 0; row < rows; row += 2) {
            if (j == 0 && row + kAhead + 2 <= rows)
                prefetch(gates + 4 * (row + kAhead) * H, 2 * 4 * H);
            __m512 d[2][4];
#pragma GCC unroll 2
            for (int i = 0; i < 2; i++) {
                const int m = row + i;
                const Bf16 *g = gates + 4 * (m * H + j);
                const __m512i rz = load_pairs(g), nu = load_pairs(g + 2 * kLanes);
                const __m512 r = low(rz), z = high(rz), n = low(nu), un = high(nu);
                const __m512 dh = load(d_h + m * stride_d + j);
                const __m512 last =
                    previous ? load(previous + m * stride_h + j) : _mm512_setzero_ps();
                const __m512 not_z = _mm512_sub_ps(one, z);
                const __m512 dz = _mm512_mul_ps(_mm512_mul_ps(dh, _mm512_sub_ps(last, n)),
                                                _mm512_mul_ps(z, not_z));
                const __m512 dn =
                    _mm512_mul_ps(_mm512_mul_ps(dh, not_z), _mm512_fnmadd_ps(n, n, one));
                const __m512 du = _mm512_mul_ps(dn, r);
                const __m512 dr = _mm512_mul_ps(_mm512_mul_ps(du, un), _mm512_sub_ps(one, r));
                if (d_previous) {
                    float *p = d_previous + m * stride_d + j;
                    const __m512 base = sum == Sum::kAdd ? load(p) : _mm512_setzero_ps();
                    store(p, _mm512_fmadd_ps(dh, z, base));
                }
                d[i][0] = dn;
                d[i][1] = dr;
                d[i][2] = dz;
                d[i][3] = du;
#pragma GCC unroll 4
                for (int k = 0; k < 4; k++) {
                    total[k] = _mm512_add_ps(total[k], d[i][k]);
                    store(d_gates + m * 4 * H + k * H + j, d[i][k]);
                }
            }
#pragma GCC unroll 4
            for (int k = 0; k < 4; k++)
                _mm512_storeu_si512(d_pairs + row * 4 * H + 2 * (k * H + j),
                                    interleave(d[0][k], d[1][k]));
        }
        for (int k = 0; k < 4; k++)
            store(bias + k * H + j, total[k]);
    }
}

void Gru::backward(int rows, const Bf16 *gates, const Bf16 *previous, int stride_h,
                   const float *d_h, float *d_previous, int stride_d, Sum sum_previous, float *d_x,
                   Sum sum_x, Bf16 *d_gates, Bf16 *d_pairs, float *bias) const {
    backward_gates(rows, gates, previous, stride_h, d_h, d_previous, stride_d, sum_previous,
                   d_gates, d_pairs, bias);
    if (d_previous)
        product(rows, d_gates + units_, 4 * units_, hidden_, nullptr, d_previous, stride_d,
                Sum::kAdd);
    product(rows, d_gates, 4 * units_, input_, nullptr, d_x, inputs_, sum_x);
}

GruGradient::GruGradient(int inputs, int units)
    : inputs_(inputs), units_(units), input_(3 * units * inputs), hidden_(3 * units * units),
      bias_(4 * units) {}

void GruGradient::add_input(int rows, const Bf16 *d_pairs, const Bf16 *x_pairs) {
    gradient(rows / 2, d_pairs, 4 * units_, 3 * units_, x_pairs, inputs_, inputs_, input_.data());
}

void GruGradient::add_hidden(int rows, const Bf16 *d_pairs, const Bf16 *h_pairs, int stride_h) {
    gradient(rows / 2, d_pairs + 2 * units_, 4 * units_, 3 * units_, h_pairs, stride_h, units_,
             hidden_.data());
}

void GruGradient::write(const GruTensors<float> &out) const {
    const int H = units_;
    for (int gate = 0; gate < 3; gate++) {
        std::copy_n(input_.data() + gate * H * inputs_, H * inputs_,
                    out.ih + kTorchGate[gate] * H * inputs_);
        std::copy_n(bias_.data() + gate * H, H, out.bias_ih + kTorchGate[gate] * H);
    }
    std::copy_n(hidden_.data(), 3 * H * H, out.hh);
    std::copy_n(bias_.data() + H, 3 * H, out.bias_hh);
}

} // namespace percepnet::training

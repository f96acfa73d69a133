// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// One GRU layer for training on a CPU with AVX-512-BF16: forward, and backward through time.
//
// Convention of torch.nn.GRU (reset gate after the recurrent product, gate order r, z, n):
//   r = sigmoid(Wr x + br + Ur h + cr)    z likewise
//   n = tanh(Wn x + bn + r * (Un h + cn)) h <- n + z * (h - n)
// The recurrent products are oneDNN bf16 x bf16 -> f32 with the weights packed once per call. The
// hidden state stays f32: in bf16 it would lose the small updates of a slow unit (z near 1).
// Tensors are time-major and contiguous; H is a multiple of 16; everything runs in one thread.
#include <dnnl.hpp>
#include <torch/extension.h>

#include <cstdint>
#include <vector>

#include "vector.hpp"

namespace {

using at::Tensor;
using namespace percepnet::training;

dnnl::engine &engine() {
    static dnnl::engine e(dnnl::engine::kind::cpu, 0);
    return e;
}

dnnl::stream &stream() {
    static thread_local dnnl::stream s(engine());
    return s;
}

Bf16 *bf16_data(const Tensor &t) {
    return static_cast<Bf16 *>(t.data_ptr());
}

// dst (m, n) f32 = src (m, k) bf16 * W (k, n) bf16; W is given with strides and packed here.
class PackedProduct {
public:
    PackedProduct(int64_t m, int64_t k, int64_t n, void *w, int64_t stride_k, int64_t stride_n) {
        using dt = dnnl::memory::data_type;
        using tag = dnnl::memory::format_tag;
        const dnnl::memory::desc src({m, k}, dt::bf16, tag::ab);
        const dnnl::memory::desc dst({m, n}, dt::f32, tag::ab);
        const dnnl::memory::desc any({k, n}, dt::bf16, tag::any);
        const dnnl::memory::desc plain({k, n}, dt::bf16, dnnl::memory::dims{stride_k, stride_n});
        const dnnl::matmul::primitive_desc pd(dnnl::matmul::desc(src, any, dst), engine());
        product_ = dnnl::matmul(pd);
        weights_ = dnnl::memory(pd.weights_desc(), engine());
        dnnl::memory unpacked(plain, engine(), w);
        dnnl::reorder(unpacked, weights_).execute(stream(), unpacked, weights_);
        stream().wait();
        src_ = dnnl::memory(src, engine(), nullptr);
        dst_ = dnnl::memory(dst, engine(), nullptr);
    }

    void run(void *src, void *dst) {
        src_.set_data_handle(src);
        dst_.set_data_handle(dst);
        product_.execute(
            stream(), {{DNNL_ARG_SRC, src_}, {DNNL_ARG_WEIGHTS, weights_}, {DNNL_ARG_DST, dst_}});
        stream().wait();
    }

private:
    dnnl::matmul product_;
    dnnl::memory weights_, src_, dst_;
};

// One sequence, one time step. x: Wx + b (3H); u: Uh (3H); c: recurrent bias (3H); state: h, in
// and out. Leaves the new h in bf16 and r, z, n, Un h + cn (4H) for the backward pass.
void step_forward(int64_t H, const Bf16 *x, const float *u, const float *c, float *state, Bf16 *h,
                  Bf16 *gates) {
    for (int64_t j = 0; j < H; j += kLanes) {
        const auto gate = [&](int64_t k) {
            return _mm512_add_ps(load(x + k + j), _mm512_add_ps(load(u + k + j), load(c + k + j)));
        };
        const __m512 r = sigmoid_ps(gate(0));
        const __m512 z = sigmoid_ps(gate(H));
        const __m512 un = _mm512_add_ps(load(u + 2 * H + j), load(c + 2 * H + j));
        const __m512 n = tanh_ps(_mm512_fmadd_ps(r, un, load(x + 2 * H + j)));
        const __m512 hj = _mm512_fmadd_ps(z, _mm512_sub_ps(load(state + j), n), n);
        store(state + j, hj);
        store(h + j, hj);
        store(gates + j, r);
        store(gates + H + j, z);
        store(gates + 2 * H + j, n);
        store(gates + 3 * H + j, un);
    }
}

// One sequence, one time step backwards. dh = dy + from_product + from_z; h is the previous state.
// dx: gradient of Wx + b; du: gradient of Uh + c (they differ in the n gate by the factor r).
void step_backward(int64_t H, const Bf16 *gates, const Bf16 *h, const Bf16 *dy,
                   const float *from_product, float *from_z, Bf16 *dx, Bf16 *du) {
    const __m512 one = _mm512_set1_ps(1.f);
    for (int64_t j = 0; j < H; j += kLanes) {
        const __m512 dh =
            _mm512_add_ps(load(dy + j), _mm512_add_ps(load(from_product + j), load(from_z + j)));
        const __m512 r = load(gates + j), z = load(gates + H + j);
        const __m512 n = load(gates + 2 * H + j), un = load(gates + 3 * H + j);
        const __m512 not_z = _mm512_sub_ps(one, z);
        store(from_z + j, _mm512_mul_ps(dh, z));
        const __m512 dz = _mm512_mul_ps(_mm512_mul_ps(dh, _mm512_sub_ps(load(h + j), n)),
                                        _mm512_mul_ps(z, not_z));
        const __m512 dn = _mm512_mul_ps(_mm512_mul_ps(dh, not_z), _mm512_fnmadd_ps(n, n, one));
        const __m512 dr =
            _mm512_mul_ps(_mm512_mul_ps(dn, un), _mm512_mul_ps(r, _mm512_sub_ps(one, r)));
        store(dx + j, dr);
        store(dx + H + j, dz);
        store(dx + 2 * H + j, dn);
        store(du + j, dr);
        store(du + H + j, dz);
        store(du + 2 * H + j, _mm512_mul_ps(dn, r));
    }
}

void check(const Tensor &t, at::ScalarType type, const char *name) {
    TORCH_CHECK(t.is_contiguous() && t.scalar_type() == type, "fastgru: ", name,
                " must be contiguous ", type);
}

// x: (T, B, 3H) bf16 = Wx + b. Returns h (T, B, H) bf16, gates (T, B, 4H) bf16, last h (B, H) f32.
std::vector<Tensor> forward(Tensor x, Tensor w_hh, Tensor b_hh, Tensor h0) {
    const int64_t T = x.size(0), B = x.size(1), H = w_hh.size(1);
    check(x, at::kBFloat16, "x");
    check(w_hh, at::kBFloat16, "w_hh");
    check(b_hh, at::kFloat, "b_hh");
    TORCH_CHECK(H % kLanes == 0, "fastgru: the width must be a multiple of 16");
    Tensor h = at::empty({T, B, H}, x.options());
    Tensor gates = at::empty({T, B, 4 * H}, x.options());
    Tensor state = h0.to(at::kFloat).contiguous().clone();
    Tensor first = h0.to(at::kBFloat16).contiguous();
    Tensor product = at::empty({B, 3 * H}, state.options());
    PackedProduct recurrent(B, H, 3 * H, w_hh.data_ptr(), 1, H);
    for (int64_t t = 0; t < T; t++) {
        Bf16 *previous = t ? bf16_data(h) + (t - 1) * B * H : bf16_data(first);
        recurrent.run(previous, product.data_ptr());
        for (int64_t b = 0; b < B; b++) {
            const int64_t row = t * B + b;
            step_forward(H, bf16_data(x) + row * 3 * H, product.data_ptr<float>() + b * 3 * H,
                         b_hh.data_ptr<float>(), state.data_ptr<float>() + b * H,
                         bf16_data(h) + row * H, bf16_data(gates) + row * 4 * H);
        }
    }
    return {h, gates, state};
}

// Returns the gradients of Wx + b and of Uh + c, both (T, B, 3H) bf16.
std::vector<Tensor> backward(Tensor dy, Tensor h, Tensor gates, Tensor w_hh, Tensor h0) {
    const int64_t T = h.size(0), B = h.size(1), H = w_hh.size(1);
    check(dy, at::kBFloat16, "dy");
    Tensor dx = at::empty({T, B, 3 * H}, h.options());
    Tensor du = at::empty({T, B, 3 * H}, h.options());
    Tensor from_product = at::zeros({B, H}, h.options().dtype(at::kFloat));
    Tensor from_z = at::zeros_like(from_product);
    Tensor first = h0.to(at::kBFloat16).contiguous();
    PackedProduct recurrent(B, 3 * H, H, w_hh.data_ptr(), H, 1);
    for (int64_t t = T - 1; t >= 0; t--) {
        const Bf16 *previous = t ? bf16_data(h) + (t - 1) * B * H : bf16_data(first);
        for (int64_t b = 0; b < B; b++) {
            const int64_t row = t * B + b;
            step_backward(H, bf16_data(gates) + row * 4 * H, previous + b * H,
                          bf16_data(dy) + row * H, from_product.data_ptr<float>() + b * H,
                          from_z.data_ptr<float>() + b * H, bf16_data(dx) + row * 3 * H,
                          bf16_data(du) + row * 3 * H);
        }
        recurrent.run(bf16_data(du) + t * B * 3 * H, from_product.data_ptr());
    }
    return {dx, du};
}

} // namespace

PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) {
    m.def("forward", &forward, py::call_guard<py::gil_scoped_release>());
    m.def("backward", &backward, py::call_guard<py::gil_scoped_release>());
}

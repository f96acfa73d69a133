// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Layers whose weights are shared by many rows, compiled once for each level. Included after
// nn_generic.inl.

// 16 outputs of kRows rows. w, y and bias at the first output.
template <int kRows>
inline void block_f32(float *y, const float *x, const float *w, const float *bias, int inputs,
                      int outputs, bool add) {
    Vector sum[kRows][kVectors];
    for (int r = 0; r < kRows; r++)
        for (int v = 0; v < kVectors; v++)
            sum[r][v] = load(bias + v * kVectorFloats);
    for (int i = 0; i < inputs; i++)
        for (int v = 0; v < kVectors; v++) {
            const Vector weight = load(w + i * outputs + v * kVectorFloats);
            for (int r = 0; r < kRows; r++)
                sum[r][v] += broadcast(x[r * inputs + i]) * weight;
        }
    for (int r = 0; r < kRows; r++)
        for (int v = 0; v < kVectors; v++) {
            float *out = y + r * outputs + v * kVectorFloats;
            store(out, add ? load(out) + sum[r][v] : sum[r][v]);
        }
}

void rows_f32(float *y, const float *x, const float *w, const float *bias, int rows, int inputs,
              int outputs, bool add) {
    constexpr int kBlock = 8 / kVectors;
    for (int o = 0; o < outputs; o += kLanes) {
        int r = 0;
        for (; r + kBlock <= rows; r += kBlock)
            block_f32<kBlock>(y + r * outputs + o, x + r * inputs, w + o, bias + o, inputs, outputs,
                              add);
        for (; r < rows; r++)
            block_f32<1>(y + r * outputs + o, x + r * inputs, w + o, bias + o, inputs, outputs,
                         add);
    }
}

// The sum of n values, n a multiple of 16, in 16 lanes.
inline float sum_of(const float *x, int n) {
    Vector sum[kVectors] = {};
    for (int i = 0; i < n; i += kLanes)
        for (int v = 0; v < kVectors; v++)
            sum[v] += load(x + i + v * kVectorFloats);
    float lane[kLanes];
    for (int v = 0; v < kVectors; v++)
        store(lane + v * kVectorFloats, sum[v]);
    return sum_lanes(lane);
}

void normalise(float *y, const float *x, int rows, int n) {
    constexpr float kTiny = 1e-5f;
    for (int r = 0; r < rows; r++, x += n, y += n) {
        const Vector mean = broadcast(sum_of(x, n) / static_cast<float>(n));
        for (int i = 0; i < n; i += kVectorFloats)
            store(y + i, load(x + i) - mean);
        const float variance = dot(y, y, n) / static_cast<float>(n);
        const Vector scale = broadcast(1.0f / __builtin_sqrtf(variance + kTiny));
        for (int i = 0; i < n; i += kVectorFloats)
            store(y + i, load(y + i) * scale);
    }
}

void gru_gates(float *h, const float *old, const float *input, const float *recurrent, int units) {
    for (int i = 0; i < units; i += kVectorFloats) {
        const auto part = [&](const float *gates, int gate) {
            return load(gates + gate * units + i);
        };
        const Vector reset = sigmoid_vector(part(input, 0) + part(recurrent, 0));
        const Vector update = sigmoid_vector(part(input, 1) + part(recurrent, 1));
        const Vector fresh = tanh_vector(part(input, 2) + reset * part(recurrent, 2));
        store(h + i, (1.0f - update) * fresh + update * load(old + i));
    }
}

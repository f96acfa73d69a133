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

// Mean of n values, a multiple of 16, and the root of their variance + 1e-5. Both sums are taken
// together; what this loses is below 1e-6 unless the mean is far greater than the deviation.
struct Moments {
    float mean, deviation;
};

inline Moments moments(const float *x, int n, float share) {
    Vector sum[kVectors] = {}, square[kVectors] = {};
    for (int i = 0; i < n; i += kLanes)
        for (int v = 0; v < kVectors; v++) {
            const Vector value = load(x + i + v * kVectorFloats);
            sum[v] += value;
            square[v] += value * value;
        }
    const float mean = sum_lanes(sum) * share;
    const float variance = sum_lanes(square) * share - mean * mean;
    return {mean, __builtin_sqrtf((variance < 0.0f ? 0.0f : variance) + 1e-5f)};
}

void normalise(float *y, const float *x, int rows, int n) {
    const float share = 1.0f / static_cast<float>(n);
    for (int r = 0; r < rows; r++, x += n, y += n) {
        const Moments m = moments(x, n, share);
        const Vector scale = broadcast(1.0f / m.deviation);
        for (int i = 0; i < n; i += kVectorFloats)
            store(y + i, (load(x + i) - m.mean) * scale);
    }
}

// The new state of a GRU, from reset, update and new of its input and of its memory.
inline Vector gates(const Vector *input, const Vector *recurrent, Vector old) {
    const Vector reset = sigmoid_vector(input[0] + recurrent[0]);
    const Vector update = sigmoid_vector(input[1] + recurrent[1]);
    const Vector fresh = tanh_vector(input[2] + reset * recurrent[2]);
    return (1.0f - update) * fresh + update * old;
}

void gru_gates(float *h, const float *old, const float *input, const float *recurrent, int units) {
    for (int i = 0; i < units; i += kVectorFloats) {
        Vector from_input[3], from_memory[3];
        for (int g = 0; g < 3; g++) {
            from_input[g] = load(input + g * units + i);
            from_memory[g] = load(recurrent + g * units + i);
        }
        store(h + i, gates(from_input, from_memory, load(old + i)));
    }
}

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

// Of up to 16 rows of n values, a multiple of 16: their means, and range over the root of their
// variance + 1e-5. Both sums are taken together; what this loses is below 1e-6 unless the mean is
// far greater than the deviation. Four rows' lanes are summed side by side.
struct Moments {
    alignas(64) float mean[kLanes], scale[kLanes];
};

inline void sums_of_row(const float *x, int n, Quad &sum, Quad &square) {
    Vector sums[kVectors] = {}, squares[kVectors] = {};
    for (int i = 0; i < n; i += kLanes)
        for (int v = 0; v < kVectors; v++) {
            const Vector value = load(x + i + v * kVectorFloats);
            sums[v] += value;
            squares[v] += value * value;
        }
    sum = quarter(sums);
    square = quarter(squares);
}

inline void moments(const float *x, int rows, int n, float range, Moments &m) {
    const float share = 1.0f / static_cast<float>(n);
    alignas(64) float variance[kLanes] = {};
    for (int first = 0; first < rows; first += 4) {
        Quad sum[4], square[4];
        for (int i = 0; i < 4; i++) // the last row stands in for those that are missing
            sums_of_row(x + (first + i < rows ? first + i : rows - 1) * n, n, sum[i], square[i]);
        const Quad mean = sums_of(sum[0], sum[1], sum[2], sum[3]) * share;
        const Quad squares = sums_of(square[0], square[1], square[2], square[3]) * share;
        *reinterpret_cast<Quad *>(m.mean + first) = mean;
        *reinterpret_cast<Quad *>(variance + first) = squares - mean * mean;
    }
    for (int i = 0; i < kLanes; i += kVectorFloats) {
        const Vector v = load(variance + i);
        store(m.scale + i, range / root((v < 0.0f ? Vector{} : v) + 1e-5f));
    }
}

// apply(row, mean, scale) to each row.
template <typename Apply>
inline void normalise_rows(const float *x, int rows, int n, float range, Apply apply) {
    Moments m;
    for (int first = 0; first < rows; first += kLanes) {
        const int count = rows - first < kLanes ? rows - first : kLanes;
        moments(x + first * n, count, n, range, m);
        for (int r = 0; r < count; r++)
            apply(first + r, m.mean[r], m.scale[r]);
    }
}

void normalise(float *y, const float *x, int rows, int n) {
    normalise_rows(x, rows, n, 1.0f, [=](int r, float mean, float scale) {
        for (int i = r * n; i < (r + 1) * n; i += kVectorFloats)
            store(y + i, (load(x + i) - mean) * scale);
    });
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

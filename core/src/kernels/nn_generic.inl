// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Float kernels of the network, compiled once for each level. Included after vector.inl.

float dot(const float *a, const float *b, int n) {
    Vector sum[kVectors] = {};
    int i = 0;
    for (; i + kLanes <= n; i += kLanes)
        for (int v = 0; v < kVectors; v++)
            sum[v] += load(a + i + v * kVectorFloats) * load(b + i + v * kVectorFloats);
    float lane[kLanes];
    for (int v = 0; v < kVectors; v++)
        store(lane + v * kVectorFloats, sum[v]);
    for (int j = 0; i + j < n; j++)
        lane[j] += a[i + j] * b[i + j];
    return sum_lanes(lane);
}

// As many rows at once as fill eight accumulators: each row's sum is that of dot().
void matvec_f32(float *y, const float *w, const float *x, int rows, int cols) {
    constexpr int kRows = 8 / kVectors;
    const int64_t step = cols;
    int r = 0;
    for (; r + kRows <= rows && cols % kLanes == 0; r += kRows, w += kRows * step) {
        Vector sum[kRows][kVectors] = {};
        for (int c = 0; c < cols; c += kLanes)
            for (int v = 0; v < kVectors; v++) {
                const Vector part = load(x + c + v * kVectorFloats);
                for (int i = 0; i < kRows; i++)
                    sum[i][v] += load(w + i * step + c + v * kVectorFloats) * part;
            }
        float lane[kLanes];
        for (int i = 0; i < kRows; i++) {
            for (int v = 0; v < kVectors; v++)
                store(lane + v * kVectorFloats, sum[i][v]);
            y[r + i] = sum_lanes(lane);
        }
    }
    for (; r < rows; r++, w += step)
        y[r] = dot(w, x, cols);
}

// A rational fit of tanh on -8..8 (own minimax fit, error 4e-7 in float). No NaN comes out.
inline Vector tanh_vector(Vector x) {
    const Vector limit = broadcast(8.0f), one = broadcast(1.0f);
    x = larger(smaller(x, limit), -limit);
    const Vector u = x * x;
    const Vector numerator =
        ((1.13102369e-05f * u + 2.93882913e-03f) * u + 1.29136428e-01f) * u + 9.99999344e-01f;
    const Vector denominator =
        (((2.42384544e-07f * u + 2.37028653e-04f) * u + 2.37638336e-02f) * u + 4.62467402e-01f) *
            u +
        1.0f;
    return larger(smaller(x * numerator / denominator, one), -one);
}

inline Vector sigmoid_vector(Vector x) { return 0.5f * tanh_vector(0.5f * x) + 0.5f; }

inline void in_place(Vector (*function)(Vector), float *x, int n) {
    int i = 0;
    for (; i + kVectorFloats <= n; i += kVectorFloats)
        store(x + i, function(load(x + i)));
    if (i == n)
        return;
    float rest[kVectorFloats] = {};
    for (int j = 0; i + j < n; j++)
        rest[j] = x[i + j];
    store(rest, function(load(rest)));
    for (int j = 0; i + j < n; j++)
        x[i + j] = rest[j];
}

void tanh_in_place(float *x, int n) { in_place(tanh_vector, x, n); }
void sigmoid_in_place(float *x, int n) { in_place(sigmoid_vector, x, n); }

// Adding 1.5 * 2^23 rounds a small float to the nearest integer, ties to even, in its low bits.
void quantise(int8_t *y, const float *x, int n) {
    constexpr float kRound = 12582912.0f;
    for (int i = 0; i < n; i++) {
        float v = 127.0f * x[i];
        v = v > -127.0f ? v : -127.0f;
        v = v < 127.0f ? v : 127.0f;
        y[i] = static_cast<int8_t>(static_cast<int32_t>((v + kRound) - kRound));
    }
}

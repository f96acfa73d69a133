// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Layers in 8 bits whose weights are shared by many rows. Included after rows_generic.inl and after
// the level's own kRowBlock and kOutputBlock, ByteVector, load_weights(), Spread, spread() and
// add_products(): a Spread is four inputs that meet four weights of each lane's output.

constexpr float kNormalScale = 127.0f / kNormalRange;

template <int kCount> struct Count { static constexpr int value = kCount; };

// sum[r][v] of some inputs: rows are `row` inputs apart, the vectors of outputs `apart` outputs; w
// and offset at the first output.
template <int kRows, int kWide>
inline void products(IntVector (&sum)[kRows][kWide], const uint8_t *x, int row, const int8_t *w,
                     int outputs, int apart, const int32_t *offset, int inputs) {
#pragma GCC unroll 16
    for (int v = 0; v < kWide; v++) {
        const IntVector first = load_int(offset + v * apart);
#pragma GCC unroll 16
        for (int r = 0; r < kRows; r++)
            sum[r][v] = first;
    }
    for (int i = 0; i < inputs; i += 4, w += 4 * outputs)
#pragma GCC unroll 16
        for (int v = 0; v < kWide; v++) {
            const ByteVector weights = load_weights(w + 4 * v * apart);
#pragma GCC unroll 16
            for (int r = 0; r < kRows; r++)
                sum[r][v] = add_products(sum[r][v], weights, spread(x + r * row + i));
        }
}

inline Vector to_float(IntVector v) {
    return __builtin_convertvector(v, Vector);
}

template <int kRows, int kWide>
inline void block_s8(float *y, const uint8_t *x, const RowWeights &w, int first, bool add) {
    IntVector sum[kRows][kWide];
    products<kRows, kWide>(sum, x, w.inputs, w.weight + 4 * first, w.outputs, kVectorFloats,
                           w.offset + first, w.inputs);
#pragma GCC unroll 16
    for (int v = 0; v < kWide; v++) {
        const int at = first + v * kVectorFloats;
        const Vector scale = load(w.scale + at), bias = load(w.bias + at);
#pragma GCC unroll 16
        for (int r = 0; r < kRows; r++) {
            float *out = y + r * w.outputs + at;
            const Vector value = bias + scale * to_float(sum[r][v]);
            store(out, add ? load(out) + value : value);
        }
    }
}

template <int kRows>
inline void rows_of(float *y, const uint8_t *x, const RowWeights &w, bool add) {
    int o = 0;
    for (; o + kOutputBlock * kVectorFloats <= w.outputs; o += kOutputBlock * kVectorFloats)
        block_s8<kRows, kOutputBlock>(y, x, w, o, add);
    for (; o < w.outputs; o += kVectorFloats)
        block_s8<kRows, 1>(y, x, w, o, add);
}

void rows_s8(float *y, const uint8_t *x, const RowWeights &w, int rows, bool add) {
    int r = 0;
    for (; r + kRowBlock <= rows; r += kRowBlock)
        rows_of<kRowBlock>(y + r * w.outputs, x + r * w.inputs, w, add);
    for (; r < rows; r++)
        rows_of<1>(y + r * w.outputs, x + r * w.inputs, w, add);
}

// 128 and the nearest integers, ties to even, within 1..255; NaN gives 1.
inline void store_rounded(uint8_t *to, Vector v) {
    const Vector limit = broadcast(127.0f), magic = broadcast(12582912.0f + kInputZero);
    v = smaller(larger(v, -limit), limit);
    store_bytes(to, __builtin_convertvector((v + magic) - 12582912.0f, IntVector));
}

void normalise_s8(uint8_t *y, const float *x, int rows, int n) {
    for (int r = 0; r < rows; r++, x += n, y += n) {
        const float mean = sum_of(x, n) / static_cast<float>(n);
        const Vector scale = broadcast(kNormalScale / deviation(x, mean, n));
        for (int i = 0; i < n; i += kVectorFloats)
            store_rounded(y + i, (load(x + i) - mean) * scale);
    }
}

// A lighter tanh for values that end in 8 bits: own minimax fit on -5..5, error 1.3e-4. No NaN.
inline Vector quick_tanh(Vector x) {
    const Vector limit = broadcast(5.0f);
    x = larger(smaller(x, limit), -limit);
    const Vector u = x * x;
    const Vector numerator = (6.54948087e-04f * u + 1.01723300e-01f) * u + 9.99810155e-01f;
    const Vector denominator = (1.26392262e-02f * u + 4.34504254e-01f) * u + 1.0f;
    return x * numerator / denominator;
}

inline Vector quick_sigmoid(Vector x) {
    return 0.5f * quick_tanh(0.5f * x) + 0.5f;
}

// As gates(), lighter.
inline Vector quick_gates(const Vector *input, const Vector *recurrent, Vector old) {
    const Vector reset = quick_sigmoid(input[0] + recurrent[0]);
    const Vector update = quick_sigmoid(input[1] + recurrent[1]);
    const Vector fresh = quick_tanh(input[2] + reset * recurrent[2]);
    return fresh + update * (old - fresh);
}

// One hop of kRows rows: units at .. at + kVectorFloats.
template <int kRows>
inline void gru_block(float *h, uint8_t *next, const uint8_t *x, const uint8_t *last,
                      const GruWeights &w, int at) {
    const RowWeights &in = w.input, &memory = w.recurrent;
    const int units = w.units;
    IntVector from_input[kRows][3], from_memory[kRows][3];
    products<kRows, 3>(from_input, x, in.inputs, in.weight + 4 * at, in.outputs, units,
                       in.offset + at, in.inputs);
    products<kRows, 3>(from_memory, last, units, memory.weight + 4 * at, memory.outputs, units,
                       memory.offset + at, units);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; r++) {
        Vector input[3], recurrent[3];
#pragma GCC unroll 3
        for (int g = 0; g < 3; g++) {
            const int gate = g * units + at;
            input[g] = load(in.bias + gate) + load(in.scale + gate) * to_float(from_input[r][g]);
            recurrent[g] =
                load(memory.bias + gate) + load(memory.scale + gate) * to_float(from_memory[r][g]);
        }
        float *state = h + r * units + at;
        const Vector value = quick_gates(input, recurrent, load(state));
        store(state, value);
        store_rounded(next + r * units + at, 127.0f * value);
    }
}

void gru_rows_s8(float *h, uint8_t *next, const uint8_t *x, const uint8_t *last,
                 const GruWeights &w, int rows) {
    const auto block = [&](auto count, int r) {
        for (int at = 0; at < w.units; at += kVectorFloats)
            gru_block<decltype(count)::value>(h + r * w.units, next + r * w.units,
                                              x + r * w.input.inputs, last + r * w.units, w, at);
    };
    int r = 0;
    for (; r + kGruBlock <= rows; r += kGruBlock)
        block(Count<kGruBlock>(), r);
    for (; r < rows; r++)
        block(Count<1>(), r);
}

// The states of row b are those of the chain upwards, then those of the chain downwards.
void gru_chains_s8(uint8_t *states, const float *up, const float *down,
                   const RowWeights &up_weights, const RowWeights &down_weights, int rows) {
    const int units = up_weights.inputs;
    const RowWeights *const weights[2] = {&up_weights, &down_weights};
    alignas(64) float h[2][kMaxChainUnits] = {};
    alignas(64) uint8_t nothing[kMaxChainUnits];
    for (int i = 0; i < units; i++)
        nothing[i] = kInputZero;
    const uint8_t *last[2] = {nothing, nothing};
    for (int step = 0; step < rows; step++) {
        const int row[2] = {step, rows - 1 - step};
        const float *const gates_of_inputs[2] = {up + row[0] * 3 * units,
                                                 down + row[1] * 3 * units};
        uint8_t *const next[2] = {states + row[0] * 2 * units, states + row[1] * 2 * units + units};
        for (int at = 0; at < units; at += kVectorFloats)
            for (int d = 0; d < 2; d++) {
                const RowWeights &w = *weights[d];
                IntVector sum[1][3];
                products<1, 3>(sum, last[d], units, w.weight + 4 * at, w.outputs, units,
                               w.offset + at, units);
                Vector input[3], recurrent[3];
#pragma GCC unroll 3
                for (int g = 0; g < 3; g++) {
                    const int gate = g * units + at;
                    input[g] = load(gates_of_inputs[d] + gate);
                    recurrent[g] = load(w.bias + gate) + load(w.scale + gate) * to_float(sum[0][g]);
                }
                const Vector value = quick_gates(input, recurrent, load(h[d] + at));
                store(h[d] + at, value);
                store_rounded(next[d] + at, 127.0f * value);
            }
        last[0] = next[0];
        last[1] = next[1];
    }
}

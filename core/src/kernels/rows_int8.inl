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

// block(Count<n>(), first row) for all rows: by kBlock, then by twos, then one.
template <int kBlock, typename Block> inline void in_blocks(int rows, Block block) {
    int r = 0;
    for (; r + kBlock <= rows; r += kBlock)
        block(Count<kBlock>(), r);
    for (; kBlock > 2 && r + 2 <= rows; r += 2)
        block(Count<2>(), r);
    for (; r < rows; r++)
        block(Count<1>(), r);
}

void rows_s8(float *y, const uint8_t *x, const RowWeights &w, int rows, bool add) {
    in_blocks<kRowBlock>(rows, [&](auto count, int r) {
        rows_of<decltype(count)::value>(y + r * w.outputs, x + r * w.inputs, w, add);
    });
}

// 128 and the nearest integers, ties to even, within 1..255; NaN gives 1.
inline void store_rounded(uint8_t *to, Vector v) {
    const Vector limit = broadcast(127.0f), magic = broadcast(12582912.0f + kInputZero);
    v = smaller(larger(v, -limit), limit);
    store_bytes(to, __builtin_convertvector((v + magic) - 12582912.0f, IntVector));
}

void normalise_s8(uint8_t *y, const float *x, int rows, int n) {
    const float share = 1.0f / static_cast<float>(n);
    for (int r = 0; r < rows; r++, x += n, y += n) {
        const Moments m = moments(x, n, share);
        const Vector scale = broadcast(kNormalScale / m.deviation);
        for (int i = 0; i < n; i += kVectorFloats)
            store_rounded(y + i, (load(x + i) - m.mean) * scale);
    }
}

// A lighter tanh for values that end in 8 bits, as a fraction: own minimax fit on -5..5, error
// 1.3e-4. No NaN comes in or out.
struct Fraction {
    Vector over, under;
};

inline Vector clamped(Vector x, float most) {
    const Vector limit = broadcast(most);
    return larger(smaller(x, limit), -limit);
}

inline Fraction quick_tanh(Vector x) {
    x = clamped(x, 5.0f);
    const Vector u = x * x;
    return {x * ((6.54948087e-04f * u + 1.01723300e-01f) * u + 9.99810155e-01f),
            (1.26392262e-02f * u + 4.34504254e-01f) * u + 1.0f};
}

// sigmoid(x) - 1/2 = tanh(x / 2) / 2.
inline Fraction quick_sigmoid(Vector x) {
    x = clamped(x, 10.0f);
    const Vector u = x * x;
    return {x * ((1.02335639e-05f * u + 6.35770625e-03f) * u + 2.49952539e-01f),
            (7.89951637e-04f * u + 1.08626063e-01f) * u + 1.0f};
}

// As gates(), lighter: one division serves two gates.
inline Vector quick_gates(const Vector *input, const Vector *recurrent, Vector old) {
    const Fraction reset = quick_sigmoid(input[0] + recurrent[0]);
    const Fraction update = quick_sigmoid(input[1] + recurrent[1]);
    const Vector inverse = 1.0f / (reset.under * update.under);
    const Vector r = reset.over * (update.under * inverse) + 0.5f;
    const Vector z = update.over * (reset.under * inverse) + 0.5f;
    const Fraction n = quick_tanh(input[2] + r * recurrent[2]);
    const Vector fresh = n.over / n.under;
    return fresh + z * (old - fresh);
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
    in_blocks<kGruBlock>(rows, [&](auto count, int r) {
        for (int at = 0; at < w.units; at += kVectorFloats)
            gru_block<decltype(count)::value>(h + r * w.units, next + r * w.units,
                                              x + r * w.input.inputs, last + r * w.units, w, at);
    });
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

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Layers in 8 bits whose weights are shared by many rows. Included after rows_generic.inl and after
// the level's own block sizes, ByteVector, load_weights(), Spread, spread() and
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

// Some vectors that go through the same steps side by side, so that none waits for the one before.
template <int kCount> struct Several { Vector v[kCount]; };

template <int kCount, typename Function> inline Several<kCount> each(Function function) {
    Several<kCount> result;
#pragma GCC unroll 16
    for (int i = 0; i < kCount; i++)
        result.v[i] = function(i);
    return result;
}
template <int n> inline Several<n> operator+(const Several<n> &a, const Several<n> &b) {
    return each<n>([&](int i) { return a.v[i] + b.v[i]; });
}
template <int n> inline Several<n> operator-(const Several<n> &a, const Several<n> &b) {
    return each<n>([&](int i) { return a.v[i] - b.v[i]; });
}
template <int n> inline Several<n> operator*(const Several<n> &a, const Several<n> &b) {
    return each<n>([&](int i) { return a.v[i] * b.v[i]; });
}
template <int n> inline Several<n> operator/(const Several<n> &a, const Several<n> &b) {
    return each<n>([&](int i) { return a.v[i] / b.v[i]; });
}
template <int n> inline Several<n> operator+(const Several<n> &a, float b) {
    return each<n>([&](int i) { return a.v[i] + b; });
}
template <int n> inline Several<n> operator*(float a, const Several<n> &b) {
    return each<n>([&](int i) { return a * b.v[i]; });
}
template <int n> inline Several<n> operator/(float a, const Several<n> &b) {
    return each<n>([&](int i) { return a / b.v[i]; });
}
template <int n> inline Several<n> clamped(const Several<n> &x, float most) {
    const Vector limit = broadcast(most);
    return each<n>([&](int i) { return larger(smaller(x.v[i], limit), -limit); });
}

// A lighter tanh for values that end in 8 bits, as a fraction: own minimax fit on -5..5, error
// 1.3e-4. No NaN comes out.
template <typename V> struct Fraction { V over, under; };

template <typename V> inline Fraction<V> quick_tanh(V x) {
    x = clamped(x, 5.0f);
    const V u = x * x;
    return {x * ((6.54948087e-04f * u + 1.01723300e-01f) * u + 9.99810155e-01f),
            (1.26392262e-02f * u + 4.34504254e-01f) * u + 1.0f};
}

// sigmoid(x) - 1/2 = tanh(x / 2) / 2.
template <typename V> inline Fraction<V> quick_sigmoid(V x) {
    x = clamped(x, 10.0f);
    const V u = x * x;
    return {x * ((1.02335639e-05f * u + 6.35770625e-03f) * u + 2.49952539e-01f),
            (7.89951637e-04f * u + 1.08626063e-01f) * u + 1.0f};
}

// As gates(), lighter: one division serves two gates.
template <typename V> inline V quick_gates(const V *input, const V *recurrent, const V &old) {
    const Fraction<V> reset = quick_sigmoid(input[0] + recurrent[0]);
    const Fraction<V> update = quick_sigmoid(input[1] + recurrent[1]);
    const V inverse = 1.0f / (reset.under * update.under);
    const V r = reset.over * (update.under * inverse) + 0.5f;
    const V z = update.over * (reset.under * inverse) + 0.5f;
    const Fraction<V> n = quick_tanh(input[2] + r * recurrent[2]);
    const V fresh = n.over / n.under;
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
    Several<kRows> input[3], recurrent[3];
#pragma GCC unroll 3
    for (int g = 0; g < 3; g++) {
        const int gate = g * units + at;
        input[g] = each<kRows>([&](int r) {
            return load(in.bias + gate) + load(in.scale + gate) * to_float(from_input[r][g]);
        });
        recurrent[g] = each<kRows>([&](int r) {
            return load(memory.bias + gate) +
                   load(memory.scale + gate) * to_float(from_memory[r][g]);
        });
    }
    const auto old = each<kRows>([&](int r) { return load(h + r * units + at); });
    const Several<kRows> value = quick_gates(input, recurrent, old);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; r++) {
        store(h + r * units + at, value.v[r]);
        store_rounded(next + r * units + at, 127.0f * value.v[r]);
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

// One of the two chains over the rows.
struct Chain {
    const RowWeights *weights;
    const float *gates;  // of the inputs, of this row
    const uint8_t *last; // states of the row before
    uint8_t *next;
    float *h;
};

// kWide vectors of units, from at on, of both chains side by side.
template <int kWide> inline void chains_block(const Chain *chain, int units, int at) {
    constexpr int kCount = 2 * kWide;
    IntVector sum[kCount][1][3];
#pragma GCC unroll 16
    for (int i = 0; i < kCount; i++) {
        const Chain &c = chain[i % 2];
        const int first = at + i / 2 * kVectorFloats;
        products<1, 3>(sum[i], c.last, units, c.weights->weight + 4 * first, c.weights->outputs,
                       units, c.weights->offset + first, units);
    }
    const auto place = [&](int i) { return at + i / 2 * kVectorFloats; };
    Several<kCount> input[3], recurrent[3];
#pragma GCC unroll 3
    for (int g = 0; g < 3; g++) {
        input[g] =
            each<kCount>([&](int i) { return load(chain[i % 2].gates + g * units + place(i)); });
        recurrent[g] = each<kCount>([&](int i) {
            const RowWeights &w = *chain[i % 2].weights;
            const int gate = g * units + place(i);
            return load(w.bias + gate) + load(w.scale + gate) * to_float(sum[i][0][g]);
        });
    }
    const auto old = each<kCount>([&](int i) { return load(chain[i % 2].h + place(i)); });
    const Several<kCount> value = quick_gates(input, recurrent, old);
#pragma GCC unroll 16
    for (int i = 0; i < kCount; i++) {
        store(chain[i % 2].h + place(i), value.v[i]);
        store_rounded(chain[i % 2].next + place(i), 127.0f * value.v[i]);
    }
}

// The states of a row are those of the chain upwards, then those of the chain downwards.
void gru_chains_s8(uint8_t *states, const float *up, const float *down,
                   const RowWeights &up_weights, const RowWeights &down_weights, int rows) {
    const int units = up_weights.inputs;
    alignas(64) float h[2][kMaxChainUnits] = {};
    alignas(64) uint8_t nothing[kMaxChainUnits];
    for (int i = 0; i < units; i++)
        nothing[i] = kInputZero;
    Chain chain[2] = {{&up_weights, nullptr, nothing, nullptr, h[0]},
                      {&down_weights, nullptr, nothing, nullptr, h[1]}};
    for (int step = 0; step < rows; step++) {
        const int from_end = rows - 1 - step;
        chain[0].gates = up + step * 3 * units;
        chain[1].gates = down + from_end * 3 * units;
        chain[0].next = states + step * 2 * units;
        chain[1].next = states + from_end * 2 * units + units;
        int at = 0;
        for (; at + kChainBlock * kVectorFloats <= units; at += kChainBlock * kVectorFloats)
            chains_block<kChainBlock>(chain, units, at);
        for (; at < units; at += kVectorFloats)
            chains_block<1>(chain, units, at);
        chain[0].last = chain[0].next;
        chain[1].last = chain[1].next;
    }
}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Layers in 8 bits whose weights are shared by many rows. Included after quick_gates.inl and after
// the level's own block sizes, ByteVector, load_weights(), Spread, spread() and
// add_products(): a Spread is four inputs that meet four weights of each lane's output. With
// kSignedInputs it is the inputs less 128, and the sums need no offset.

constexpr float kNormalScale = 127.0f / kNormalRange;

template <int kCount> struct Count { static constexpr int value = kCount; };

// Weights of kWide vectors of outputs, `apart` outputs from each other, from w on, as they are.
template <int kWide, int kMostInputs> struct InPlace {
    const int8_t *w;
    int64_t step, apart; // to the next four inputs, to the next vector

    InPlace() = default;
    InPlace(const int8_t *first, int outputs, int outputs_apart, int)
        : w(first), step(int64_t(4) * outputs), apart(int64_t(4) * outputs_apart) {}
    InPlace begin() const { return *this; }
    ByteVector at(int v) const { return load_weights(w + v * apart); }
    void next() { w += step; }
};

// The same where load_weights() is work: done once for all rows.
template <int kWide, int kMostInputs> struct Unpacked {
    struct Place {
        const ByteVector *four;
        const ByteVector &at(int v) const { return four[v]; }
        void next() { four += kWide; }
    };
    ByteVector weights[kMostInputs / 4 * kWide];

    Unpacked() = default;
    Unpacked(const int8_t *first, int outputs, int outputs_apart, int inputs) {
        ByteVector *to = weights;
        InPlace<kWide, kMostInputs> from(first, outputs, outputs_apart, inputs);
        for (int i = 0; i < inputs; i += 4, from.next())
            for (int v = 0; v < kWide; v++)
                *to++ = from.at(v);
    }
    Place begin() const { return {weights}; }
};

template <bool kUnpacked, int kWide, int kMostInputs> struct Choose {
    typedef InPlace<kWide, kMostInputs> Weights;
};
template <int kWide, int kMostInputs> struct Choose<true, kWide, kMostInputs> {
    typedef Unpacked<kWide, kMostInputs> Weights;
};
template <int kWide, int kMostInputs = kMaxRowInputs>
using Weights = typename Choose<kUnpacks, kWide, kMostInputs>::Weights;

// sum[r][v] of some inputs: rows are `row` inputs apart, the vectors of outputs `apart` outputs;
// offset at the first output.
template <int kRows, int kWide, typename W>
inline void products(IntVector (&sum)[kRows][kWide], const uint8_t *x, int row, const W &w,
                     int apart, const int32_t *offset, int inputs) {
#pragma GCC unroll 16
    for (int v = 0; v < kWide; v++) {
        const IntVector first = kSignedInputs ? IntVector{} : load_int(offset + v * apart);
#pragma GCC unroll 16
        for (int r = 0; r < kRows; r++)
            sum[r][v] = first;
    }
    auto place = w.begin();
    for (int i = 0; i < inputs; i += 4, place.next()) {
        Spread four[kRows];
#pragma GCC unroll 16
        for (int r = 0; r < kRows; r++)
            four[r] = spread(x + r * row + i);
#pragma GCC unroll 16
        for (int v = 0; v < kWide; v++) {
            const ByteVector &weights = place.at(v);
#pragma GCC unroll 16
            for (int r = 0; r < kRows; r++)
                sum[r][v] = add_products(sum[r][v], weights, four[r]);
        }
    }
}

inline Vector to_float(IntVector v) {
    return __builtin_convertvector(v, Vector);
}

template <int kRows, int kWide, typename W>
inline void block_s8(float *y, const uint8_t *x, const W &weights, const RowWeights &w, int first,
                     bool add) {
    IntVector sum[kRows][kWide];
    products(sum, x, w.inputs, weights, kVectorFloats, w.offset + first, w.inputs);
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

// block(Count<n>(), first row) for all rows: by kBlock and one less where that is even, or by
// kBlock, then by twos, then one.
template <int kBlock, typename Block> inline void in_blocks(int rows, Block block) {
    int r = 0;
    const int less = (kBlock - rows % kBlock) % kBlock; // blocks of one row less
    if (kBlock > 4 && less * (kBlock - 1) <= rows)
        for (; r < less * (kBlock - 1); r += kBlock - 1)
            block(Count<(kBlock > 1 ? kBlock - 1 : 1)>(), r);
    for (; r + kBlock <= rows; r += kBlock)
        block(Count<kBlock>(), r);
    for (; kBlock > 2 && r + 2 <= rows; r += 2)
        block(Count<2>(), r);
    for (; r < rows; r++)
        block(Count<1>(), r);
}

// kWide vectors of outputs, from first on, of all rows.
template <int kWide>
inline void outputs_of(float *y, const uint8_t *x, const RowWeights &w, int rows, int first,
                       bool add) {
    const Weights<kWide> weights(w.weight + 4 * first, w.outputs, kVectorFloats, w.inputs);
    in_blocks<kRowBlock>(rows, [&](auto count, int r) {
        block_s8<decltype(count)::value, kWide>(y + r * w.outputs, x + r * w.inputs, weights, w,
                                                first, add);
    });
}

void rows_s8(float *y, const uint8_t *x, const RowWeights &w, int rows, bool add) {
    int o = 0;
    for (; o + kOutputBlock * kVectorFloats <= w.outputs; o += kOutputBlock * kVectorFloats)
        outputs_of<kOutputBlock>(y, x, w, rows, o, add);
    for (; o < w.outputs; o += kLanes)
        outputs_of<kVectors>(y, x, w, rows, o, add);
}

// 128 and the nearest integers, ties to even, of -127..127: adding 1.5 * 2^23 leaves them in the
// lowest byte, which is what store_bytes() takes.
inline void store_nearest(uint8_t *to, Vector v) {
    store_bytes(to, reinterpret_cast<IntVector>(v + (12582912.0f + kInputZero)));
}

// The same of any values, within 1..255; NaN gives 1.
inline void store_rounded(uint8_t *to, Vector v) {
    const Vector limit = broadcast(127.0f);
    store_nearest(to, smaller(larger(v, -limit), limit));
}

void normalise_s8(uint8_t *y, const float *x, int rows, int n) {
    normalise_rows(x, rows, n, kNormalScale, [=](int r, float mean, float scale) {
        for (int i = r * n; i < (r + 1) * n; i += kVectorFloats)
            store_rounded(y + i, (load(x + i) - mean) * scale);
    });
}

// One hop of kRows rows: units at .. at + kVectorFloats.
template <int kRows>
inline void gru_block(float *h, uint8_t *next, const uint8_t *x, const uint8_t *last,
                      const GruWeights &w, const Weights<3> &input_weights,
                      const Weights<3> &recurrent_weights, int at) {
    const RowWeights &in = w.input, &memory = w.recurrent;
    const int units = w.units;
    IntVector from_input[kRows][3], from_memory[kRows][3];
    products(from_input, x, in.inputs, input_weights, units, in.offset + at, in.inputs);
    products(from_memory, last, units, recurrent_weights, units, memory.offset + at, units);
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
        store_nearest(next + r * units + at, 127.0f * value.v[r]);
    }
}

void gru_rows_s8(float *h, uint8_t *next, const uint8_t *x, const uint8_t *last,
                 const GruWeights &w, int rows) {
    const RowWeights &in = w.input, &memory = w.recurrent;
    const int units = w.units;
    for (int at = 0; at < units; at += kVectorFloats) {
        const Weights<3> from_input(in.weight + 4 * at, in.outputs, units, in.inputs);
        const Weights<3> from_memory(memory.weight + 4 * at, memory.outputs, units, units);
        in_blocks<kGruBlock>(rows, [&](auto count, int r) {
            gru_block<decltype(count)::value>(h + r * units, next + r * units, x + r * in.inputs,
                                              last + r * units, w, from_input, from_memory, at);
        });
    }
}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// GRUs in 8 bits along the rows, one each way. Included after rows_int8.inl.

// One of the two chains over the rows.
struct Chain {
    const RowWeights *weights;
    const float *gates;  // of the inputs, of this row
    const uint8_t *last; // states of the row before
    uint8_t *next;
    float *h;
};

// sum[2 v][gate] of kWide vectors of units, from at on: each input is spread once for all of them.
template <int kWide, typename W>
inline void chain_products(IntVector (*sum)[3], const Chain &chain, const W *weights, int units,
                           int at) {
    decltype(weights->begin()) place[kWide];
#pragma GCC unroll 16
    for (int v = 0; v < kWide; v++) {
        const int first = at + v * kVectorFloats;
        place[v] = weights[first / kVectorFloats].begin();
#pragma GCC unroll 3
        for (int g = 0; g < 3; g++)
            sum[2 * v][g] =
                kSignedInputs ? IntVector{} : load_int(chain.weights->offset + first + g * units);
    }
    for (int i = 0; i < units; i += 4) {
        const Spread four = spread(chain.last + i);
#pragma GCC unroll 16
        for (int v = 0; v < kWide; v++) {
#pragma GCC unroll 3
            for (int g = 0; g < 3; g++)
                sum[2 * v][g] = add_products(sum[2 * v][g], place[v].at(g), four);
            place[v].next();
        }
    }
}

// kWide vectors of units, from at on, of both chains side by side; weights of those of each vector.
template <int kWide, typename W>
inline void chains_block(const Chain *chain, const W *const *weights, int units, int at) {
    constexpr int kCount = 2 * kWide;
    IntVector sum[kCount][3];
    chain_products<kWide>(sum, chain[0], weights[0], units, at);
    chain_products<kWide>(sum + 1, chain[1], weights[1], units, at);
    const auto place = [&](int i) { return at + i / 2 * kVectorFloats; };
    Several<kCount> input[3], recurrent[3];
#pragma GCC unroll 3
    for (int g = 0; g < 3; g++) {
        input[g] =
            each<kCount>([&](int i) { return load(chain[i % 2].gates + g * units + place(i)); });
        recurrent[g] = each<kCount>([&](int i) {
            const RowWeights &w = *chain[i % 2].weights;
            const int gate = g * units + place(i);
            return load(w.bias + gate) + load(w.scale + gate) * to_float(sum[i][g]);
        });
    }
    const auto old = each<kCount>([&](int i) { return load(chain[i % 2].h + place(i)); });
    const Several<kCount> value = quick_gates(input, recurrent, old);
#pragma GCC unroll 16
    for (int i = 0; i < kCount; i++) {
        store(chain[i % 2].h + place(i), value.v[i]);
        store_nearest(chain[i % 2].next + place(i), 127.0f * value.v[i]);
    }
}

// The states of a row are those of the chain upwards, then those of the chain downwards.
template <typename W, int kMostUnits>
void chains(uint8_t *states, const float *up, const float *down, const RowWeights &up_weights,
            const RowWeights &down_weights, int rows) {
    const int units = up_weights.inputs;
    alignas(64) float h[2][kMostUnits] = {};
    alignas(64) uint8_t nothing[kMostUnits];
    W weights[2][kMostUnits / kVectorFloats];
    for (int i = 0; i < units; i++)
        nothing[i] = kInputZero;
    for (int at = 0; at < units; at += kVectorFloats) {
        const int i = at / kVectorFloats, all = up_weights.outputs;
        weights[0][i] = W(up_weights.weight + 4 * at, all, units, units);
        weights[1][i] = W(down_weights.weight + 4 * at, all, units, units);
    }
    const W *const both[2] = {weights[0], weights[1]};
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
            chains_block<kChainBlock>(chain, both, units, at);
        for (; at < units; at += kVectorFloats)
            chains_block<1>(chain, both, units, at);
        chain[0].last = chain[0].next;
        chain[1].last = chain[1].next;
    }
}

// Unpacked weights go on the stack: not those of wide chains.
void gru_chains_s8(uint8_t *states, const float *up, const float *down,
                   const RowWeights &up_weights, const RowWeights &down_weights, int rows) {
    constexpr int kFew = 64;
    if (kUnpacks && up_weights.inputs <= kFew)
        chains<Weights<3, kFew>, kFew>(states, up, down, up_weights, down_weights, rows);
    else
        chains<InPlace<3, kMaxChainUnits>, kMaxChainUnits>(states, up, down, up_weights,
                                                           down_weights, rows);
}

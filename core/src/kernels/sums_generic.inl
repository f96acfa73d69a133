// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Sums, searches and logarithms of the signal chain, compiled once for each level. Included after
// dsp_generic.inl.

// ---- correlation and sums of shifted signals ----

// Lags of kCount vectors: as many sums side by side as hide the time of an addition.
template <int kCount>
inline void correlate_block(const float *x, const float *y, int count, float *out) {
    Vector sum[kCount] = {};
    for (int i = 0; i < count; i++) {
        const Vector xi = broadcast(x[i]);
        for (int v = 0; v < kCount; v++)
            sum[v] += xi * load(y + i + v * kVectorFloats);
    }
    for (int v = 0; v < kCount; v++)
        store(out + v * kVectorFloats, sum[v]);
}

void correlate(const float *x, const float *y, int count, int lags, float *out) {
    constexpr int kWide = 8;
    int lag = 0;
    for (; lag + kWide * kVectorFloats <= lags; lag += kWide * kVectorFloats)
        correlate_block<kWide>(x, y + lag, count, out + lag);
    for (; lag < lags; lag += 2 * kLanes)
        correlate_block<2 * kVectors>(x, y + lag, count, out + lag);
}

template <int kCount>
inline void weighted_block(const float *const *inputs, const float *weights, int terms, float *out,
                           int at) {
    Vector sum[kCount] = {};
    for (int t = 0; t < terms; t++)
        for (int v = 0; v < kCount; v++)
            sum[v] += weights[t] * load(inputs[t] + at + v * kVectorFloats);
    for (int v = 0; v < kCount; v++)
        store(out + at + v * kVectorFloats, sum[v]);
}

void weighted_sum(const float *const *inputs, const float *weights, int terms, float *out, int n) {
    constexpr int kWide = 4;
    int i = 0;
    for (; i + kWide * kVectorFloats <= n; i += kWide * kVectorFloats)
        weighted_block<kWide>(inputs, weights, terms, out, i);
    for (; i < n; i += kLanes)
        weighted_block<kVectors>(inputs, weights, terms, out, i);
}

void bin_products(const float *a_re, const float *a_im, const float *b_re, const float *b_im,
                  float *out, int n) {
    for (int i = 0; i < n; i += kVectorFloats)
        store(out + i, load(a_re + i) * load(b_re + i) + load(a_im + i) * load(b_im + i));
}

// ---- sums over runs ----

// The lanes of a sum of dot(), down to four.
inline Quad run_quarter(const float *x, const float *weights, int size) {
    Vector sum[kVectors] = {};
    for (int i = 0; i < size; i += kLanes)
        for (int v = 0; v < kVectors; v++)
            sum[v] += load(weights + i + v * kVectorFloats) * load(x + i + v * kVectorFloats);
    return quarter(sum);
}

void run_sums(const float *x, const float *weights, const int32_t *first, const int32_t *size,
              int runs, float *sums) {
    for (int r = 0; r < runs; r += 4) {
        Quad sum[4];
        for (int i = 0; i < 4; weights += size[r + i], i++)
            sum[i] = run_quarter(x + first[r + i], weights, size[r + i]);
        const Quad four = sums_of(sum[0], sum[1], sum[2], sum[3]);
        __builtin_memcpy(sums + r, &four, sizeof four);
    }
}

// out[i] = x[i] + x[i + step], i < n.
inline void add_shifted(const float *x, int step, int n, float *out) {
    for (int i = 0; i < n; i += kVectorFloats)
        store(out + i, load(x + i) + load(x + i + step));
}

// By doubling up to runs of 16.
void run_energies(const float *x, int n, float *sums) {
    constexpr int kRun = 16, kRest = kEnergyRun % kLanes, kRoom = kMaxEnergies + 2 * kEnergyRun;
    static_assert(kEnergyRun == 5 * kRun && kRest == 0);
    alignas(64) float a[kRoom], b[kRoom];
    const int span = n + kEnergyRun;
    for (int i = 0; i < span; i += kVectorFloats)
        store(a + i, load(x + i) * load(x + i));
    for (int i = 0; i < kLanes; i += kVectorFloats) {
        store(a + span + i, Vector{});
        store(b + span + i, Vector{});
    }
    add_shifted(a, 1, span, b);
    add_shifted(b, 2, span, a);
    add_shifted(a, 4, span, b);
    add_shifted(b, 8, span, a);
    for (int i = 0; i < n; i += kVectorFloats) {
        const auto run = [&](int r) { return load(a + i + r * kRun); };
        store(sums + i, (run(0) + run(1)) + (run(2) + run(3)) + run(4));
    }
}

// ---- logarithm ----

// x = m 2^e with m near 1; log m = 2 (f + f^3 / 3 + f^5 / 5 + ...) with f = (m - 1) / (m + 1).
void log2_in_place(float *x, int n) {
    constexpr int32_t kHalfRoot = 0x3f3504f3; // of 2, as a float's bits
    constexpr float kTwoOverLog2 = 2.88539008f;
    for (int i = 0; i < n; i += kVectorFloats) {
        const IntVector bits = load_int(reinterpret_cast<const int32_t *>(x + i)) - kHalfRoot;
        const IntVector exponent = bits >> 23;
        const Vector m = reinterpret_cast<Vector>((bits & 0x007fffff) + kHalfRoot);
        const Vector f = (m - 1.0f) / (m + 1.0f), u = f * f;
        const Vector series =
            (((u * (1.0f / 9.0f) + 1.0f / 7.0f) * u + 1.0f / 5.0f) * u + 1.0f / 3.0f) * u + 1.0f;
        store(x + i, __builtin_convertvector(exponent, Vector) + kTwoOverLog2 * f * series);
    }
}

// ---- dynamic programming ----

void best_move(const float *score, const float *cost, int reach, int n, float *best,
               int32_t *move) {
    for (int i = 0; i < n; i += kVectorFloats) {
        Vector winner = load(best + i);
        IntVector winner_move = load_int(move + i);
        for (int m = -reach; m <= reach; m++) {
            const Vector candidate = load(score + i + m) - cost[m + reach];
            const IntVector better = candidate > winner;
            winner = better ? candidate : winner;
            winner_move = better ? IntVector{} + m : winner_move;
        }
        store(best + i, winner);
        store_int(move + i, winner_move);
    }
}

// The first of each lane's largest, then among the lanes.
int largest(const float *x, int n) {
    Vector most = {};
    IntVector place = {}, here = {};
    int i = 0;
    for (; i < kVectorFloats; i++) {
        here[i] = i;
        most[i] = i < n ? x[i] : x[0];
        place[i] = i < n ? i : 0;
    }
    for (; i + kVectorFloats <= n; i += kVectorFloats) {
        here += kVectorFloats;
        const Vector value = load(x + i);
        const IntVector greater = value > most;
        most = greater ? value : most;
        place = greater ? here : place;
    }
    float best = most[0];
    int at = place[0];
    const auto offer = [&](float value, int where) {
        if (value > best || (value == best && where < at)) {
            best = value;
            at = where;
        }
    };
    for (int lane = 1; lane < kVectorFloats; lane++)
        offer(most[lane], place[lane]);
    for (; i < n; i++)
        offer(x[i], i);
    return at;
}

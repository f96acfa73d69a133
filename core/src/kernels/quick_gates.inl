// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Gates of GRUs whose values end in 8 bits. Included after rows_generic.inl.

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

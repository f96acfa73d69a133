// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Kernels of the signal chain, compiled once for each level. Included after vector.inl.

// ---- 480-point complex DFT: 16 x 30, each factor over vectors of the other ----

struct Complex {
    Vector re, im;
};

inline Complex operator+(Complex a, Complex b) {
    return {a.re + b.re, a.im + b.im};
}
inline Complex operator-(Complex a, Complex b) {
    return {a.re - b.re, a.im - b.im};
}
inline Complex operator*(float s, Complex a) {
    return {s * a.re, s * a.im};
}
inline Complex rotate(Complex a, float re, float im) {
    return {re * a.re - im * a.im, re * a.im + im * a.re};
}
inline Complex minus_i(Complex a) {
    return {a.im, -a.re};
}

inline void dft3(Complex &x0, Complex &x1, Complex &x2) {
    constexpr float kSin = 0.86602540378443865f;
    const Complex sum = x1 + x2, difference = kSin * minus_i(x1 - x2);
    const Complex middle = x0 - 0.5f * sum;
    x0 = x0 + sum;
    x1 = middle + difference;
    x2 = middle - difference;
}

inline void dft4(Complex &x0, Complex &x1, Complex &x2, Complex &x3) {
    const Complex even = x0 + x2, even_difference = x0 - x2;
    const Complex odd = x1 + x3, odd_difference = minus_i(x1 - x3);
    x0 = even + odd;
    x1 = even_difference + odd_difference;
    x2 = even - odd;
    x3 = even_difference - odd_difference;
}

inline void dft5(Complex *x) {
    constexpr float kCos1 = 0.30901699437494742f, kCos2 = -0.80901699437494742f;
    constexpr float kSin1 = 0.95105651629515357f, kSin2 = 0.58778525229247313f;
    const Complex sum1 = x[1] + x[4], sum2 = x[2] + x[3];
    const Complex difference1 = minus_i(x[1] - x[4]), difference2 = minus_i(x[2] - x[3]);
    const Complex a1 = x[0] + kCos1 * sum1 + kCos2 * sum2;
    const Complex a2 = x[0] + kCos2 * sum1 + kCos1 * sum2;
    const Complex b1 = kSin1 * difference1 + kSin2 * difference2;
    const Complex b2 = kSin2 * difference1 - kSin1 * difference2;
    x[0] = x[0] + sum1 + sum2;
    x[1] = a1 + b1;
    x[2] = a2 + b2;
    x[3] = a2 - b2;
    x[4] = a1 - b1;
}

// x[b], b = 0..5, to X[d] in the order of d.
inline void dft6(const Complex *x, Complex *out) {
    constexpr float kCos = 0.5f, kSin = -0.86602540378443865f;
    Complex even[3] = {x[0], x[2], x[4]}, odd[3] = {x[1], x[3], x[5]};
    dft3(even[0], even[1], even[2]);
    dft3(odd[0], odd[1], odd[2]);
    odd[1] = rotate(odd[1], kCos, kSin);
    odd[2] = rotate(odd[2], -kCos, kSin);
    for (int c = 0; c < 3; c++) {
        out[c] = even[c] + odd[c];
        out[c + 3] = even[c] - odd[c];
    }
}

// Column n1 of the 30 x 16 input: n = 16 n2 + n1; 30 = 5 x 6 with n2 = 6 a + b, k2 = c + 5 d.
inline void dft30(const float *input_re, const float *input_im, int n1, const Fft480Twiddles &t,
                  float *out_re, float *out_im) {
    const float *re = input_re + n1, *im = input_im + n1;
    Complex row[6][5];
    for (int b = 0; b < 6; b++) {
        for (int a = 0; a < 5; a++)
            row[b][a] = {load(re + kLanes * (6 * a + b)), load(im + kLanes * (6 * a + b))};
        dft5(row[b]);
        for (int c = 1; c < 5; c++)
            row[b][c] = rotate(row[b][c], t.re30[b * c], t.im30[b * c]);
    }
    for (int c = 0; c < 5; c++) {
        const Complex column[6] = {row[0][c], row[1][c], row[2][c],
                                   row[3][c], row[4][c], row[5][c]};
        Complex out[6];
        dft6(column, out);
        for (int d = 0; d < 6; d++) {
            const int at = kLanes * (c + 5 * d) + n1;
            const Vector twiddle_re = load(t.re + at), twiddle_im = load(t.im + at);
            store(out_re + at, twiddle_re * out[d].re - twiddle_im * out[d].im);
            store(out_im + at, twiddle_re * out[d].im + twiddle_im * out[d].re);
        }
    }
}

constexpr int kPaddedRow = 32; // 30 values of k2

// For some k2: over n1 = 4 a + b to k1 = c + 4 d, written to k = k2 + 30 k1.
inline void dft16(const float *re, const float *im, const Fft480Twiddles &t, float *out_re,
                  float *out_im) {
    Complex x[4][4];
    for (int b = 0; b < 4; b++) {
        for (int a = 0; a < 4; a++)
            x[b][a] = {load(re + kPaddedRow * (4 * a + b)), load(im + kPaddedRow * (4 * a + b))};
        dft4(x[b][0], x[b][1], x[b][2], x[b][3]);
        for (int c = 1; c < 4; c++)
            x[b][c] = rotate(x[b][c], t.re16[b * c], t.im16[b * c]);
    }
    for (int c = 0; c < 4; c++)
        dft4(x[0][c], x[1][c], x[2][c], x[3][c]);
    for (int d = 0; d < 4; d++)
        for (int c = 0; c < 4; c++) {
            store(out_re + 30 * (c + 4 * d), x[d][c].re);
            store(out_im + 30 * (c + 4 * d), x[d][c].im);
        }
}

// Four by four: rows of kLanes to rows of kPaddedRow, all on 16 bytes.
inline void transpose_four(const float *from, float *to) {
    Quad row[4], pair[4];
    for (int i = 0; i < 4; i++)
        row[i] = *reinterpret_cast<const Quad *>(from + i * kLanes);
    pair[0] = pick<0, 4, 1, 5>(row[0], row[1]);
    pair[1] = pick<2, 6, 3, 7>(row[0], row[1]);
    pair[2] = pick<0, 4, 1, 5>(row[2], row[3]);
    pair[3] = pick<2, 6, 3, 7>(row[2], row[3]);
    for (int half = 0; half < 2; half++) {
        const Quad low = pair[half], high = pair[half + 2];
        float *out = to + 2 * half * kPaddedRow;
        *reinterpret_cast<Quad *>(out) = pick<0, 1, 4, 5>(low, high);
        *reinterpret_cast<Quad *>(out + kPaddedRow) = pick<2, 3, 6, 7>(low, high);
    }
}

void fft480(const float *re, const float *im, float *out_re, float *out_im,
            const Fft480Twiddles &twiddles) {
    alignas(64) float columns_re[kLanes * kPaddedRow], columns_im[kLanes * kPaddedRow];
    for (int i = 480; i < kLanes * kPaddedRow; i++)
        columns_re[i] = columns_im[i] = 0.0f;
    for (int n1 = 0; n1 < kLanes; n1 += kVectorFloats)
        dft30(re, im, n1, twiddles, columns_re, columns_im);
    alignas(64) float rows_re[kLanes * kPaddedRow], rows_im[kLanes * kPaddedRow];
    for (int k2 = 0; k2 < kPaddedRow; k2 += 4)
        for (int n1 = 0; n1 < kLanes; n1 += 4) {
            transpose_four(columns_re + k2 * kLanes + n1, rows_re + n1 * kPaddedRow + k2);
            transpose_four(columns_im + k2 * kLanes + n1, rows_im + n1 * kPaddedRow + k2);
        }
    // Downwards: what a row of 32 writes past its 30 values is overwritten by the next row's first.
    for (int k2 = kPaddedRow - kVectorFloats; k2 >= 0; k2 -= kVectorFloats)
        dft16(rows_re + k2, rows_im + k2, twiddles, out_re + k2, out_im + k2);
}

// ---- a real transform's halves ----

inline Vector load_backwards(const float *last) {
    const Vector v = load(last - kVectorFloats + 1);
#ifdef __clang__ // makes one shuffle of it, and has no __builtin_shuffle
    Vector reversed;
    for (int i = 0; i < kVectorFloats; i++)
        reversed[i] = v[kVectorFloats - 1 - i];
    return reversed;
#else
    IntVector from;
    for (int i = 0; i < kVectorFloats; i++)
        from[i] = kVectorFloats - 1 - i;
    return __builtin_shuffle(v, from);
#endif
}

void join_halves(const float *re, const float *im, const float *cosine, const float *sine,
                 float *out_re, float *out_im) {
    for (int k = 0; k < 480; k += kVectorFloats) {
        const Vector z_re = load(re + k), z_im = load(im + k);
        const Vector mirrored_re = load_backwards(re + 480 - k);
        const Vector mirrored_im = load_backwards(im + 480 - k);
        const Vector even_re = 0.5f * (z_re + mirrored_re), even_im = 0.5f * (z_im - mirrored_im);
        const Vector odd_re = 0.5f * (z_im + mirrored_im), odd_im = 0.5f * (mirrored_re - z_re);
        const Vector c = load(cosine + k), s = load(sine + k);
        store(out_re + k, even_re + (c * odd_re + s * odd_im));
        store(out_im + k, even_im + (c * odd_im - s * odd_re));
    }
}

void split_halves(const float *re, const float *im, const float *cosine, const float *sine,
                  float *out_re, float *out_im) {
    for (int k = 0; k < 480; k += kVectorFloats) {
        const Vector x_re = load(re + k), x_im = load(im + k);
        const Vector mirrored_re = load_backwards(re + 480 - k);
        const Vector mirrored_im = load_backwards(im + 480 - k);
        const Vector difference_re = x_re - mirrored_re, difference_im = x_im + mirrored_im;
        const Vector c = load(cosine + k), s = load(sine + k);
        const Vector odd_re = c * difference_re - s * difference_im;
        const Vector odd_im = c * difference_im + s * difference_re;
        store(out_re + k, (x_re + mirrored_re) - odd_im);
        store(out_im + k, -((x_im - mirrored_im) + odd_re));
    }
}

// ---- a transform of three times as many points by parts ----

inline Complex fold_thirds(const float *samples, const Fold2880Tables &t, int n, float *sum) {
    constexpr float kSin = 0.86602540378443865f;
    constexpr int kThird = 960;
    const Vector a = load(t.window + n) * load(samples + n);
    const Vector b = load(t.window + n + kThird) * load(samples + n + kThird);
    const Vector c = load(t.window + n + 2 * kThird) * load(samples + n + 2 * kThird);
    store(sum + n, a + (b + c));
    const Vector re = a - 0.5f * (b + c), im = kSin * (c - b);
    const Vector root_re = load(t.root_re + n), root_im = load(t.root_im + n);
    return {root_re * re - root_im * im, root_re * im + root_im * re};
}

void fold2880(const float *samples, const Fold2880Tables &t, float *sum, float *even_re,
              float *even_im, float *odd_re, float *odd_im) {
    constexpr int kHalf = 480;
    for (int n = 0; n < kHalf; n += kVectorFloats) {
        const Complex x = fold_thirds(samples, t, n, sum);
        const Complex y = fold_thirds(samples, t, n + kHalf, sum);
        const Complex even = x + y, z = x - y;
        store(even_re + n, even.re);
        store(even_im + n, even.im);
        const Vector root_re = load(t.half_root_re + n), root_im = load(t.half_root_im + n);
        store(odd_re + n, root_re * z.re - root_im * z.im);
        store(odd_im + n, root_re * z.im + root_im * z.re);
    }
}

void add_power(const float *re, const float *im, int n, float share, float *power) {
    for (int k = 0; k < n; k += kVectorFloats) {
        const Vector x = load(re + k), y = load(im + k);
        store(power + k, load(power + k) + share * (x * x + y * y));
    }
}

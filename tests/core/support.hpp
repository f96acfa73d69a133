// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Test signals, levels and the frame of a Check program.
#pragma once

#include <check.h>

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <random>
#include <vector>

namespace support {

using Samples = std::vector<float>;

inline Samples white_noise(std::size_t count, float level, unsigned seed = 1) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0.0f, level);
    Samples out(count);
    for (float &x : out)
        x = normal(random);
    return out;
}

// Harmonics of f0 (Hz, may glide by glide Hz/s) up to 8 kHz, falling 6 dB an octave.
inline Samples harmonic(std::size_t count, double f0, double glide = 0.0, double level = 0.1) {
    Samples out(count);
    double phase = 0.0;
    for (std::size_t n = 0; n < count; n++) {
        const double f = f0 + glide * double(n) / 48000.0;
        phase += f / 48000.0;
        double sum = 0.0;
        for (int h = 1; h * f < 8000.0; h++)
            sum += std::cos(2.0 * M_PI * h * phase + h * h) / h;
        out[n] = float(level * sum);
    }
    return out;
}

inline Samples operator+(const Samples &a, const Samples &b) {
    Samples out(a);
    for (std::size_t n = 0; n < out.size(); n++)
        out[n] += b[n];
    return out;
}

template <typename A, typename B>
double error_db(const A &reference, const B &other, std::size_t count) {
    double error = 1e-30, power = 1e-30;
    for (std::size_t n = 0; n < count; n++) {
        const double difference = double(reference[n]) - double(other[n]);
        error += difference * difference;
        power += double(reference[n]) * double(reference[n]);
    }
    return 10.0 * std::log10(error / power);
}

inline double power(const float *x, std::size_t count) {
    double sum = 0.0;
    for (std::size_t n = 0; n < count; n++)
        sum += double(x[n]) * double(x[n]);
    return sum / double(count);
}

inline int run(const char *suite_name, std::initializer_list<const TTest *> tests) {
    Suite *suite = suite_create(suite_name);
    for (const TTest *test : tests) {
        TCase *tcase = tcase_create(test->name);
        tcase_set_timeout(tcase, std::getenv("PERCEPNET_HOURS") ? 0 : 120); // 0: none
        tcase_add_test(tcase, test);
        suite_add_tcase(suite, tcase);
    }
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

} // namespace support

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Decimator, linear prediction, comb filter and pitch tracker.
#include "dsp/analysis.hpp"
#include "dsp/comb_filter.hpp"
#include "dsp/decimator.hpp"
#include "dsp/history.hpp"
#include "dsp/lpc.hpp"
#include "dsp/pitch.hpp"
#include "support.hpp"

using namespace percepnet;
using namespace percepnet::dsp;
using support::operator+;

namespace {

// The comb filter of one signal.
void filter(const float *frame, float period, int future, float *out) {
    const CombShifts shifts = comb_shifts(period, future);
    const float *copies[kCombTaps];
    for (int i = 0; i < shifts.count; i++)
        copies[i] = frame + shifts.shift[i];
    comb_filter(copies, shifts, out);
}

} // namespace

START_TEST(decimator_keeps_1_khz_and_its_time_and_drops_10_khz) {
    std::vector<float> low(2 * kHop), high(2 * kHop);
    const auto tone = [](double f, double n) {
        return float(std::sin(2.0 * M_PI * f * n / 48000.0));
    };
    for (std::size_t n = 0; n < low.size(); n++) {
        low[n] = tone(1000.0, double(n));
        high[n] = tone(10000.0, double(n));
    }
    float out_low[kPitchHop], out_high[kPitchHop], expected[kPitchHop];
    decimate(&low[kHop], out_low);
    decimate(&high[kHop], out_high);
    for (int i = 0; i < kPitchHop; i++)
        expected[i] = tone(1000.0, kHop + 3.0 * (i - kDecimatorDelay));
    ck_assert_double_lt(support::error_db(expected, out_low, kPitchHop), -40.0);
    ck_assert_double_lt(support::power(out_high, kPitchHop), 1e-4);
}
END_TEST

START_TEST(linear_prediction_finds_a_resonance) {
    // x(n) = 1.6 x(n-1) - 0.8 x(n-2) + noise
    auto x = support::white_noise(16000, 0.1f);
    for (std::size_t n = 2; n < x.size(); n++)
        x[n] += 1.6f * x[n - 1] - 0.8f * x[n - 2];
    std::array<float, kLpcOrder> a;
    double first = 0.0, second = 0.0;
    for (int i = 0; i < 40; i++) {
        linear_prediction(&x[std::size_t(1000 + kLpcWindow * i)], a);
        first += a[0] / 40.0;
        second += a[1] / 40.0;
    }
    ck_assert_double_eq_tol(first, -1.6, 0.12);
    ck_assert_double_eq_tol(second, 0.8, 0.15);
}
END_TEST

START_TEST(prediction_error_of_silence_is_silence) {
    std::vector<float> zero(kLpcWindow + 64);
    std::array<float, kLpcOrder> a;
    linear_prediction(&zero[32], a);
    float out[160];
    prediction_error(&zero[64], a, 160, out);
    for (const float x : out)
        ck_assert_float_eq(x, 0.0f);
}
END_TEST

START_TEST(history_gives_back_the_last_samples) {
    const auto x = support::white_noise(60 * kHop, 0.1f);
    History history;
    history.reset();
    for (int pushed = 1; pushed * kHop <= int(x.size()); pushed++) {
        history.push(&x[std::size_t((pushed - 1) * kHop)]);
        for (int back = 1; back <= History::kReach; back += back % 7 ? 1 : 90) {
            const int first = pushed * kHop - back, count = std::min(back, History::kPiece);
            const float *const last = history.last(back);
            for (int i = std::max(0, -first); i < count; i += count / 9 + 1)
                ck_assert_float_eq(last[i], x[std::size_t(first + i)]);
            if (first < 0) // before the beginning
                ck_assert_float_eq(last[0], 0.0f);
        }
    }
}
END_TEST

// docs/algorithm.md: -9.03 dB with all copies, less with fewer from the future.
START_TEST(comb_filter_attenuates_white_noise_as_computed) {
    const double expected[] = {0.2245, 0.1842, 0.1557, 0.1373, 0.1277, 0.1250};
    const auto x = support::white_noise(48000 * 4, 0.1f);
    for (int right = 0; right <= kCombSide; right++) {
        const float period = 200.0f;
        const int future = 200 * right;
        const CombWeights &comb = comb_weights(period, future);
        ck_assert_int_eq(comb.right, right);
        ck_assert_double_eq_tol(comb.noise_gain, expected[right], 2e-4);
        double in = 0.0, out = 0.0;
        for (std::size_t at = 4800; at + 3000 < x.size(); at += kWindow) {
            float y[kWindow];
            filter(&x[at], period, future, y);
            in += support::power(&x[at], kWindow);
            out += support::power(y, kWindow);
        }
        ck_assert_double_eq_tol(out / in, expected[right], 0.02 * expected[right] + 0.003);
    }
}
END_TEST

START_TEST(comb_filter_passes_a_periodic_signal) {
    const auto x = support::harmonic(48000, 240.0); // 200 samples
    float y[kWindow];
    filter(&x[10000], 200.0f, 960, y);
    ck_assert_double_lt(support::error_db(&x[10000], y, kWindow), -80.0);
}
END_TEST

START_TEST(comb_filter_never_reaches_past_the_future) {
    for (int future = 0; future <= 3 * kHop; future += kHop)
        for (float period = kMinPeriod; period <= kMaxPeriod; period += 0.7f) {
            const int right = comb_weights(period, future).right;
            ck_assert_int_le(int(std::lround(float(right) * period)), future);
        }
}
END_TEST

static double mean_period_error(const support::Samples &x, double f0, double glide,
                                int look_ahead) {
    Analysis analysis(1, look_ahead);
    double error = 0.0;
    int frames = 0;
    for (std::size_t t = 0; t + kHop <= x.size(); t += kHop) {
        const float *hop = &x[t];
        analysis.push(&hop);
        if (t < 24000)
            continue;
        const double centre = double(t) - double(look_ahead) * kHop; // of the frame, samples
        error += std::fabs(analysis.pitch().period - 48000.0 / (f0 + glide * centre / 48000.0));
        frames++;
    }
    return error / frames;
}

START_TEST(pitch_of_a_steady_voice_is_right_to_a_fraction_of_a_sample) {
    for (int look_ahead = 0; look_ahead <= kMaxLookAhead; look_ahead++)
        for (const double f0 : {70.0, 110.0, 173.0, 240.0, 333.0, 450.0})
            ck_assert_double_lt(
                mean_period_error(support::harmonic(72000, f0), f0, 0.0, look_ahead), 0.6);
}
END_TEST

// Two harmonics: the correlation is flat around the lag, which the energies decide.
START_TEST(pitch_of_a_hum_is_right_to_a_fraction_of_a_sample) {
    for (const double f0 : {80.0, 120.0, 160.0}) {
        support::Samples x(72000);
        for (std::size_t n = 0; n < x.size(); n++) {
            const double phase = 2.0 * M_PI * f0 * double(n) / 48000.0;
            x[n] = float(0.3 * std::sin(phase) + 0.1 * std::sin(2.0 * phase));
        }
        ck_assert_double_lt(mean_period_error(x, f0, 0.0, 2), 0.6);
    }
}
END_TEST

// Every third pulse a little louder: three periods correlate better than one.
START_TEST(a_weak_subharmonic_does_not_lower_the_pitch) {
    const auto x = support::harmonic(72000, 250.0) + support::harmonic(72000, 250.0 / 3, 0.0, 0.04);
    ck_assert_double_lt(mean_period_error(x, 250.0, 0.0, 2), 0.6);
}
END_TEST

START_TEST(pitch_follows_a_glide) {
    ck_assert_double_lt(mean_period_error(support::harmonic(96000, 140.0, 40.0), 140.0, 40.0, 2),
                        1.0);
}
END_TEST

// As in lively speech: up and down by a third of it, twice a second.
START_TEST(pitch_follows_a_moving_voice_in_noise_at_5_db) {
    const double middle = 110.0, depth = 0.35, rate = 2.0;
    const std::size_t count = 96000;
    const auto hz = [&](std::size_t n) {
        return middle * (1.0 + depth * std::sin(2.0 * M_PI * rate * double(n) / 48000.0));
    };
    support::Samples voice(count);
    double phase = 0.0;
    for (std::size_t n = 0; n < count; n++) {
        phase += 2.0 * M_PI * hz(n) / 48000.0;
        for (int h = 1; h * hz(n) < 8000.0; h++)
            voice[n] += float(0.1 / h * std::cos(h * phase));
    }
    const float level = float(std::sqrt(support::power(voice.data(), count) / 3.16));
    const auto x = voice + support::white_noise(count, level);
    Analysis analysis(1, 2);
    int frames = 0, wrong = 0;
    for (std::size_t t = 0; t + kHop <= count; t += kHop) {
        const float *hop = &x[t];
        analysis.push(&hop);
        if (t < 24000)
            continue;
        frames++;
        wrong += std::fabs(analysis.pitch().period * hz(t - 2 * kHop) / 48000.0 - 1.0) > 0.1;
    }
    std::printf("moving voice: %d of %d frames more than a tenth off\n", wrong, frames);
    std::fflush(stdout);
    ck_assert_int_lt(50 * wrong, frames); // with moves of twice the cost 9
}
END_TEST

START_TEST(pitch_survives_noise_at_5_db) {
    const auto voice = support::harmonic(96000, 150.0);
    const float level = float(std::sqrt(support::power(voice.data(), voice.size()) / 3.16));
    const auto x = voice + support::white_noise(voice.size(), level);
    ck_assert_double_lt(mean_period_error(x, 150.0, 0.0, 2), 3.0);
}
END_TEST

START_TEST(silence_then_noise_gives_finite_pitch_in_range) {
    Analysis analysis(1, 2);
    const auto noise = support::white_noise(kHop * 20, 0.5f);
    const std::vector<float> silence(kHop * 20);
    for (const auto *x : {&silence, &noise, &silence})
        for (std::size_t t = 0; t < x->size(); t += kHop) {
            const float *hop = x->data() + t;
            analysis.push(&hop);
            ck_assert_float_ge(analysis.pitch().period, kMinPeriod);
            ck_assert_float_le(analysis.pitch().period, kMaxPeriod);
            for (const float f : analysis.features())
                ck_assert(std::isfinite(f));
        }
}
END_TEST

// docs/algorithm.md: the centre tap alone makes the coherence of noise w_0 / sigma_w = 0.47.
START_TEST(coherence_of_noise_and_of_voice_are_those_expected) {
    Analysis analysis(1, 3);
    const auto noise = support::white_noise(48000 * 2, 0.1f);
    double mean = 0.0;
    int count = 0;
    for (std::size_t t = 0; t + kHop <= noise.size(); t += kHop) {
        const float *hop = &noise[t];
        analysis.push(&hop);
        for (std::size_t b = 25; b < kBands; b++, count++)
            mean += analysis.features()[kBands + b];
    }
    ck_assert_double_eq_tol(mean / count, 0.45, 0.06);

    analysis.reset();
    const auto voice = support::harmonic(48000, 200.0);
    for (std::size_t t = 0; t + kHop <= voice.size(); t += kHop) {
        const float *hop = &voice[t];
        analysis.push(&hop);
    }
    for (std::size_t b = 2; b < 25; b++)
        ck_assert_float_gt(analysis.features()[kBands + b], 0.98f);
}
END_TEST

int main() {
    return support::run(
        "pitch",
        {decimator_keeps_1_khz_and_its_time_and_drops_10_khz, linear_prediction_finds_a_resonance,
         prediction_error_of_silence_is_silence, history_gives_back_the_last_samples,
         comb_filter_attenuates_white_noise_as_computed, comb_filter_passes_a_periodic_signal,
         comb_filter_never_reaches_past_the_future,
         pitch_of_a_steady_voice_is_right_to_a_fraction_of_a_sample,
         pitch_of_a_hum_is_right_to_a_fraction_of_a_sample,
         a_weak_subharmonic_does_not_lower_the_pitch, pitch_follows_a_glide,
         pitch_follows_a_moving_voice_in_noise_at_5_db, pitch_survives_noise_at_5_db,
         silence_then_noise_gives_finite_pitch_in_range,
         coherence_of_noise_and_of_voice_are_those_expected});
}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "codec.hpp"

#include "augment.hpp"
#include "constants.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#if PERCEPNET_TRAINING_OPUS
#include <opus/opus.h>
#endif
#if PERCEPNET_TRAINING_AMR
#include <opencore-amrnb/interf_dec.h>
#include <opencore-amrnb/interf_enc.h>
#include <opencore-amrwb/dec_if.h>
#include <vo-amrwbenc/enc_if.h>
#endif

namespace percepnet::training {
namespace {

using Pcm = std::vector<int16_t>;

int16_t to_16_bits(float x) {
    return static_cast<int16_t>(std::clamp(std::nearbyint(x * 32768.f), -32768.f, 32767.f));
}

// Decoded samples, without the codec's delay, for frames that are coded one by one.
template <typename Trip> Pcm by_frames(const Pcm &in, int frame, int delay, Trip trip) {
    const size_t frames = (in.size() + delay + frame - 1) / frame;
    Pcm padded(in), out(frames * frame);
    padded.resize(frames * frame);
    for (size_t f = 0; f < frames; f++)
        trip(padded.data() + f * frame, out.data() + f * frame);
    return Pcm(out.begin() + delay, out.begin() + delay + static_cast<std::ptrdiff_t>(in.size()));
}

// G.711 by its formulas: the logarithm of the amplitude in 255 steps (mu-law), 87.6 (A-law).
float mu_law(float x) {
    const float y = std::log1p(255.f * std::abs(x)) / std::log(256.f);
    const float level = std::min(127.f, std::floor(128.f * y)) + 0.5f;
    return std::copysign(std::expm1(level / 128.f * std::log(256.f)) / 255.f, x);
}

float a_law(float x) {
    constexpr float kA = 87.6f;
    const float norm = 1 + std::log(kA), a = std::abs(x);
    const float y = a < 1 / kA ? kA * a / norm : (1 + std::log(kA * a)) / norm;
    const float level = (std::min(127.f, std::floor(128.f * y)) + 0.5f) / 128.f;
    const float back = level < 1 / norm ? level * norm / kA : std::exp(level * norm - 1) / kA;
    return std::copysign(back, x);
}

Pcm g711(const Pcm &in, float (*law)(float)) {
    Pcm out(in.size());
    for (size_t i = 0; i < in.size(); i++)
        out[i] = to_16_bits(law(static_cast<float>(in[i]) / 32768.f));
    return out;
}

#if PERCEPNET_TRAINING_OPUS
struct OpusBand {
    opus_int32 bandwidth;
    float cutoff_hz;
    float least_kbps, most_kbps;
};
constexpr std::array<OpusBand, 4> kOpusBands = {{{OPUS_BANDWIDTH_NARROWBAND, 3500, 8, 16},
                                                 {OPUS_BANDWIDTH_WIDEBAND, 7400, 12, 32},
                                                 {OPUS_BANDWIDTH_SUPERWIDEBAND, 11400, 20, 40},
                                                 {OPUS_BANDWIDTH_FULLBAND, 19500, 28, 96}}};

Pcm opus(const Pcm &in, const OpusBand &band, Random &random) {
    constexpr int kFrame = kSampleRate / 50, kLongest = 1500;
    const int use = random.chance(0.7f) ? OPUS_APPLICATION_VOIP : OPUS_APPLICATION_AUDIO;
    int error = 0;
    const std::unique_ptr<OpusEncoder, void (*)(OpusEncoder *)> encoder(
        opus_encoder_create(kSampleRate, 1, use, &error), opus_encoder_destroy);
    const std::unique_ptr<OpusDecoder, void (*)(OpusDecoder *)> decoder(
        opus_decoder_create(kSampleRate, 1, &error), opus_decoder_destroy);
    if (!encoder || !decoder)
        return in;
    opus_int32 delay = 0;
    const auto bits =
        static_cast<opus_int32>(1e3f * random.uniform(band.least_kbps, band.most_kbps));
    opus_encoder_ctl(encoder.get(), OPUS_SET_BITRATE(bits));
    opus_encoder_ctl(encoder.get(), OPUS_SET_BANDWIDTH(band.bandwidth));
    opus_encoder_ctl(encoder.get(), OPUS_SET_COMPLEXITY(3));
    opus_encoder_ctl(encoder.get(), OPUS_GET_LOOKAHEAD(&delay));
    std::array<unsigned char, kLongest> packet;
    return by_frames(in, kFrame, delay, [&](const int16_t *from, int16_t *to) {
        const opus_int32 size = opus_encode(encoder.get(), from, kFrame, packet.data(), kLongest);
        if (size < 0 || opus_decode(decoder.get(), packet.data(), size, to, kFrame, 0) != kFrame)
            std::fill_n(to, kFrame, int16_t(0));
    });
}
#endif

#if PERCEPNET_TRAINING_AMR
constexpr int kAmrRate = 8000, kAmrDelay = 39;                  // samples, measured
constexpr int kAmrWidebandRate = 16000, kAmrWidebandDelay = 95; // measured
using Packet = std::array<unsigned char, 64>;

Pcm amr(const Pcm &in, Random &random) {
    const auto mode = static_cast<Mode>(random.below(MR122 + 1));
    const std::unique_ptr<void, void (*)(void *)> encoder(Encoder_Interface_init(0),
                                                          Encoder_Interface_exit);
    const std::unique_ptr<void, void (*)(void *)> decoder(Decoder_Interface_init(),
                                                          Decoder_Interface_exit);
    Packet packet;
    return by_frames(in, kAmrRate / 50, kAmrDelay, [&](const int16_t *from, int16_t *to) {
        Encoder_Interface_Encode(encoder.get(), mode, from, packet.data(), 0);
        Decoder_Interface_Decode(decoder.get(), packet.data(), to, 0);
    });
}

Pcm amr_wideband(const Pcm &in, Random &random) {
    constexpr int64_t kModes = 9; // 6.6 .. 23.85 kbit/s
    const int mode = static_cast<int>(random.below(kModes));
    const std::unique_ptr<void, void (*)(void *)> encoder(E_IF_init(), E_IF_exit);
    const std::unique_ptr<void, void (*)(void *)> decoder(D_IF_init(), D_IF_exit);
    Packet packet;
    return by_frames(in, kAmrWidebandRate / 50, kAmrWidebandDelay,
                     [&](const int16_t *from, int16_t *to) {
                         E_IF_encode(encoder.get(), mode, from, packet.data(), 0);
                         D_IF_decode(decoder.get(), packet.data(), to, 0);
                     });
}
#endif

void band_limit(Convolver &convolver, float cutoff_hz, Pair &signals) {
    convolver.convolve(signals, {low_pass(cutoff_hz), {}});
}

// At a lower rate: the band limit keeps the images away before and after.
template <typename Trip>
void at_rate(int rate, float cutoff_hz, Convolver &convolver, Pair &signals, Trip trip) {
    band_limit(convolver, cutoff_hz, signals);
    const size_t step = kSampleRate / static_cast<size_t>(rate);
    Pcm low((signals.re.size() + step - 1) / step);
    for (size_t i = 0; i < low.size(); i++)
        low[i] = to_16_bits(signals.re[i * step]);
    low = trip(low);
    std::fill(signals.re.begin(), signals.re.end(), 0.f);
    for (size_t i = 0; i < low.size(); i++)
        signals.re[i * step] = static_cast<float>(step) * low[i] / 32768.f;
    band_limit(convolver, cutoff_hz, signals);
}

} // namespace

const char *name_of(Codec codec) {
    switch (codec) {
    case Codec::kMuLaw:
        return "mu-law";
    case Codec::kALaw:
        return "a-law";
    case Codec::kOpus:
        return "opus";
    case Codec::kAmr:
        return "amr";
    case Codec::kAmrWideband:
        return "amr-wb";
    }
    return "";
}

std::vector<Codec> built_codecs() {
    std::vector<Codec> built = {Codec::kMuLaw, Codec::kALaw};
#if PERCEPNET_TRAINING_OPUS
    built.push_back(Codec::kOpus);
#endif
#if PERCEPNET_TRAINING_AMR
    built.push_back(Codec::kAmr);
    built.push_back(Codec::kAmrWideband);
#endif
    return built;
}

float codec_round_trip(Codec codec, Random &random, Convolver &convolver, Pair &signals) {
    constexpr int kTelephone = 8000;
    constexpr float kTelephoneBand = 3400;
    if (codec == Codec::kMuLaw || codec == Codec::kALaw) {
        const auto law = codec == Codec::kMuLaw ? mu_law : a_law;
        at_rate(kTelephone, kTelephoneBand, convolver, signals,
                [&](const Pcm &x) { return g711(x, law); });
        return kTelephoneBand;
    }
#if PERCEPNET_TRAINING_OPUS
    if (codec == Codec::kOpus) {
        const OpusBand &band = kOpusBands[random.below(kOpusBands.size())];
        at_rate(kSampleRate, band.cutoff_hz, convolver, signals,
                [&](const Pcm &x) { return opus(x, band, random); });
        return band.cutoff_hz;
    }
#endif
#if PERCEPNET_TRAINING_AMR
    if (codec == Codec::kAmr) {
        at_rate(kAmrRate, kTelephoneBand, convolver, signals,
                [&](const Pcm &x) { return amr(x, random); });
        return kTelephoneBand;
    }
    if (codec == Codec::kAmrWideband) {
        constexpr float kWideband = 6800;
        at_rate(kAmrWidebandRate, kWideband, convolver, signals,
                [&](const Pcm &x) { return amr_wideband(x, random); });
        return kWideband;
    }
#endif
    return kSampleRate / 2.f;
}

} // namespace percepnet::training

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The oracle ladder: what the engine's synthesis makes of ideal answers, rung by rung, to show
// where quality is lost. Reads pairs of noisy and clean files, writes a folder of files for each
// rung.
#include <sndfile.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "constants.hpp"
#include "dsp/gains.hpp"
#include "dsp/post_filter.hpp"
#include "dsp/stft.hpp"
#include "generator/targets.hpp"

namespace fs = std::filesystem;
using namespace percepnet;
using training::Targets;
using training::TrainingFrame;

namespace {

std::vector<float> read(const fs::path &path) {
    SF_INFO info{};
    SNDFILE *file = sf_open(path.c_str(), SFM_READ, &info);
    if (!file || info.samplerate != kSampleRate || info.channels != 1)
        throw std::runtime_error(path.string() + ": need a mono file at 48000 Hz");
    std::vector<float> samples(std::size_t(info.frames));
    samples.resize(std::size_t(sf_readf_float(file, samples.data(), info.frames)));
    sf_close(file);
    return samples;
}

void write(const fs::path &path, const std::vector<float> &samples) {
    SF_INFO info{};
    info.samplerate = kSampleRate;
    info.channels = 1;
    info.format = SF_FORMAT_WAV | SF_FORMAT_FLOAT;
    SNDFILE *file = sf_open(path.c_str(), SFM_WRITE, &info);
    if (!file)
        throw std::runtime_error("cannot write " + path.string());
    sf_writef_float(file, samples.data(), sf_count_t(samples.size()));
    sf_close(file);
}

// One rung: makes the output spectrum of a frame.
using Rung = std::function<void(const Targets &, const TrainingFrame &, dsp::Spectrum &)>;

void ideal_bins(const Targets &targets, const TrainingFrame &, dsp::Spectrum &out) {
    const dsp::Spectrum &y = targets.noisy().noisy(0), &x = targets.clean().noisy(0);
    for (int k = 0; k < kBins; k++) {
        const float noisy = std::hypot(y.re[k], y.im[k]), clean = std::hypot(x.re[k], x.im[k]);
        const float gain = std::fmin(1.0f, clean / (noisy + 1e-12f));
        out.re[k] = gain * y.re[k];
        out.im[k] = gain * y.im[k];
    }
}

constexpr float kAllVoice = 1.0f; // the paper's post-filter in every frame

Rung ideal_bands(bool strengths, bool attenuation, float post_filter) {
    return [=](const Targets &targets, const TrainingFrame &frame, dsp::Spectrum &out) {
        const dsp::BandVector &energy_b = targets.noisy().noisy_energy(0);
        dsp::BandVector gain_b = frame.gain_b, strength_b, filtered_b;
        if (attenuation)
            gain_b *= frame.attenuation_b;
        if (strengths)
            strength_b = frame.strength_b;
        dsp::post_filter(gain_b, energy_b, kAllVoice, post_filter, filtered_b);
        dsp::mix_comb(targets.noisy().noisy(0), targets.noisy().comb(0), strength_b, out);
        dsp::scale_bands(out, filtered_b, energy_b);
    };
}

std::vector<float> climb(const Rung &rung, const std::vector<float> &noisy,
                         const std::vector<float> &clean, int look_ahead) {
    Targets targets(look_ahead);
    dsp::Synthesis synthesis;
    const std::size_t delay = std::size_t(kHop) * std::size_t(look_ahead + 1);
    const std::size_t length = std::min(noisy.size(), clean.size());
    std::vector<float> out;
    for (std::size_t at = 0; at < length + delay; at += kHop) {
        float hop_noisy[kHop] = {}, hop_clean[kHop] = {}, hop_out[kHop];
        for (std::size_t i = 0; i < kHop && at + i < length; i++) {
            hop_noisy[i] = noisy[at + i];
            hop_clean[i] = clean[at + i];
        }
        TrainingFrame frame;
        targets.push(hop_noisy, hop_clean, 24000.0f, frame);
        dsp::Spectrum spectrum;
        rung(targets, frame, spectrum);
        synthesis.add(spectrum, hop_out);
        out.insert(out.end(), hop_out, hop_out + kHop);
    }
    return {out.begin() + std::ptrdiff_t(delay), out.begin() + std::ptrdiff_t(delay + length)};
}

int run(const fs::path &noisy_dir, const fs::path &clean_dir, const fs::path &out_dir,
        int look_ahead) {
    const std::pair<const char *, Rung> ladder[] = {
        {"ideal-bins", ideal_bins},
        {"ideal-bands", ideal_bands(false, false, 0.0f)},
        {"ideal-strengths", ideal_bands(true, false, 0.0f)},
        {"ideal-attenuation", ideal_bands(true, true, 0.0f)},
        {"ideal-post-filter", ideal_bands(true, false, 1.0f)},
    };
    for (const auto &[name, rung] : ladder) {
        fs::create_directories(out_dir / name);
        for (const auto &entry : fs::directory_iterator(noisy_dir)) {
            const auto noisy = read(entry.path());
            const auto clean = read(clean_dir / entry.path().filename());
            auto file = out_dir / name / entry.path().filename();
            write(file.replace_extension(".wav"), climb(rung, noisy, clean, look_ahead));
        }
        std::printf("%s\n", (out_dir / name).c_str());
    }
    return 0;
}

} // namespace

int main(int argc, char **argv) {
    if (argc < 4) {
        std::fprintf(stderr, "usage: percepnet-oracle NOISY_DIR CLEAN_DIR OUT_DIR [LOOK_AHEAD]\n"
                             "Files of the same name, mono, 48 kHz. Score the folders in OUT_DIR "
                             "with training/evaluate.py --as-is.\n");
        return 2;
    }
    try {
        return run(argv[1], argv[2], argv[3], argc > 4 ? std::atoi(argv[4]) : 2);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "percepnet-oracle: %s\n", error.what());
        return 1;
    }
}

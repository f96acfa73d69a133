// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// Recorded noise in scenes, from a corpus of white noise.
#include <fstream> // before Check, whose macro `fail` it does not bear

#include "../core/support.hpp"

#include "constants.hpp"
#include "generator/augment.hpp"
#include "generator/noise_track.hpp"

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace percepnet;
using namespace percepnet::training;

namespace {

constexpr float kLevelDb = -20.f;
const std::vector<std::string> kVoice = {"made"};
const std::vector<std::string> kNoises = {"stationary:music", "non-stationary:music",
                                          "transient:music"};

// A cache of white noise at kLevelDb: one recording of so many samples for each category.
class WhiteCorpus {
public:
    WhiteCorpus(const std::string &kind, size_t length, const std::vector<std::string> &categories)
        : stem_(kind + ".white") {
        Random random(1);
        std::vector<int16_t> samples(length);
        for (int16_t &v : samples)
            v = int16_t(32768 * from_db(kLevelDb) * random.gauss());
        std::ofstream(stem_ + ".pcm", std::ios::binary)
            .write(reinterpret_cast<const char *>(samples.data()), std::streamsize(2 * length));
        std::ofstream index(stem_ + ".tsv");
        index << "header\n";
        for (const std::string &category : categories)
            index << "0\t" << length << "\t24000\t" << kLevelDb << "\t0\tgroup\t" << category
                  << "\n";
        index.close();
        corpus_ = std::make_unique<Corpus>(".", kind, "white");
        std::remove((stem_ + ".pcm").c_str());
        std::remove((stem_ + ".tsv").c_str());
    }
    const Corpus &corpus() const { return *corpus_; }

private:
    const std::string stem_;
    std::unique_ptr<Corpus> corpus_;
};

double level_db(const Signal &x, size_t first, size_t count) {
    double sum = 0;
    for (size_t i = first; i < first + count; i++)
        sum += double(x[i]) * x[i];
    return power_to_db(sum / double(count));
}

} // namespace

START_TEST(a_recording_is_as_loud_at_the_end_of_a_scene_as_before) {
    const WhiteCorpus speech("speech", 2 * kSampleRate, kVoice);
    const SpeechSource voices(speech.corpus(), {});
    for (const size_t seconds : {1, 10}) { // shorter and longer than the scene
        const WhiteCorpus noise("noise", seconds * kSampleRate, kNoises);
        const NoiseSource sounds(noise.corpus(), voices, {});
        for (uint64_t seed = 0; seed < 20; seed++) {
            Random random(seed);
            Signal x(3 * kSampleRate);
            sounds.music(random, x);
            for (size_t at = 0; at < x.size(); at += kHop)
                ck_assert_msg(std::abs(level_db(x, at, kHop)) < 3, "%.1f dB at %zu of %zu s",
                              level_db(x, at, kHop), at, seconds);
        }
    }
}
END_TEST

START_TEST(a_corpus_without_a_kind_of_noise_is_refused) {
    const WhiteCorpus speech("speech", kSampleRate, kVoice);
    const SpeechSource voices(speech.corpus(), {});
    for (size_t missing = 0; missing < kNoises.size(); missing++) {
        std::vector<std::string> categories = kNoises;
        categories.erase(categories.begin() + std::ptrdiff_t(missing));
        const WhiteCorpus noise("noise", kSampleRate, categories);
        const std::string kind = kNoises[missing].substr(0, kNoises[missing].find(':'));
        std::string said;
        try {
            NoiseSource(noise.corpus(), voices, {});
        } catch (const std::runtime_error &error) {
            said = error.what();
        }
        ck_assert_msg(said.find(" no " + kind + " ") != std::string::npos, "%s: %s", kind.c_str(),
                      said.c_str());
    }
}
END_TEST

int main() {
    return support::run("noise", {a_recording_is_as_loud_at_the_end_of_a_scene_as_before,
                                  a_corpus_without_a_kind_of_noise_is_refused});
}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "room.hpp"

#include "constants.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace percepnet::training {
namespace {

constexpr float kRate = kSampleRate;
constexpr float kSound = 343.f;       // m/s
constexpr float kImageTime = 0.05f;   // s: reflections later than this become noise
constexpr float kBlendTime = 0.01f;   // s
constexpr float kEarlyTime = 0.02f;   // s
constexpr float kTargetRt60 = 0.2f;   // s
constexpr float kDirectTime = 0.005f; // s
constexpr float kMeasured = 0.25f;    // share
constexpr size_t kMaxTaps = 32768;
using Point = std::array<float, 3>;

struct Shoebox {
    Point size, source, microphone; // m
    float rt60;                     // s
    float reflection;               // amplitude factor of a wall
};

// A reflection factor that gives the RT60 (Eyring).
float wall_reflection(const Point &size, float rt60) {
    const float volume = size[0] * size[1] * size[2];
    const float area = 2 * (size[0] * size[1] + size[1] * size[2] + size[2] * size[0]);
    return std::exp(-0.5f * 0.161f * volume / (area * rt60));
}

Shoebox random_shoebox(Random &random, float small_share) {
    Shoebox room{};
    const bool small = random.chance(small_share);
    if (small) {
        room.size = {random.uniform(1.4f, 3.5f), random.uniform(1.2f, 3.f),
                     random.uniform(1.2f, 2.6f)};
        room.rt60 = 0.08f + 0.42f * std::pow(random.uniform(), 1.7f);
    } else {
        room.size = {random.uniform(2.5f, 9.f), random.uniform(2.2f, 7.f),
                     random.uniform(2.2f, 4.f)};
        room.rt60 = 0.15f + 0.85f * std::pow(random.uniform(), 1.7f);
    }
    room.reflection = wall_reflection(room.size, room.rt60);
    const float distance = 0.25f + (small ? 1.f : 3.f) * std::pow(random.uniform(), 1.5f);
    float length = 0;
    Point direction{};
    for (int d = 0; d < 3; d++) {
        room.microphone[d] = room.size[d] * random.uniform(0.15f, 0.85f);
        direction[d] = random.gauss() * (d == 2 ? 0.3f : 1.f);
        length += direction[d] * direction[d];
    }
    for (int d = 0; d < 3; d++) {
        const float at = room.microphone[d] + direction[d] * distance / std::sqrt(length + 1e-6f);
        room.source[d] = std::clamp(at, 0.1f, room.size[d] - 0.1f);
    }
    return room;
}

// Distances along one axis of the images within reach, and the number of walls met.
struct Image {
    float squared;
    float gain;
};

std::vector<Image> axis_images(const Shoebox &room, int d, float reach) {
    std::vector<Image> images;
    const int count = static_cast<int>(reach / (2 * room.size[d])) + 1;
    for (int m = -count; m <= count; m++)
        for (int mirrored = 0; mirrored < 2; mirrored++) {
            const float at = (mirrored ? -room.source[d] : room.source[d]) + 2 * m * room.size[d];
            const int walls = std::abs(mirrored ? 2 * m - 1 : 2 * m);
            const float delta = at - room.microphone[d];
            if (std::abs(delta) < reach)
                images.push_back(
                    {delta * delta, std::pow(room.reflection, static_cast<float>(walls))});
        }
    return images;
}

// All reflections have one sign, which would lift the lows by far too much: a high-pass at 80 Hz.
void remove_slow_part(Signal &h) {
    constexpr float kPole = 0.99f;
    float mean = 0;
    for (float &tap : h) {
        mean += (1 - kPole) * (tap - mean);
        tap -= mean;
    }
}

// Adds every image as a pulse at its nearest sample, the direct path at the first.
void add_images(const Shoebox &room, Signal &h) {
    float direct = 0;
    for (int d = 0; d < 3; d++)
        direct += std::pow(room.source[d] - room.microphone[d], 2.f);
    const int delay = static_cast<int>(std::sqrt(direct) * kRate / kSound);
    const float reach = kSound * kImageTime + std::sqrt(direct);
    const auto xs = axis_images(room, 0, reach), ys = axis_images(room, 1, reach),
               zs = axis_images(room, 2, reach);
    for (const Image &x : xs)
        for (const Image &y : ys)
            for (const Image &z : zs) {
                const float distance = std::sqrt(x.squared + y.squared + z.squared);
                const size_t at = static_cast<size_t>(distance * (kRate / kSound) + 0.5f) - delay;
                if (at < static_cast<size_t>(kImageTime * kRate))
                    h[at] += x.gain * y.gain * z.gain / std::max(distance, 0.1f);
            }
    remove_slow_part(h);
}

float rms(const Signal &x, size_t first, size_t last) {
    double sum = 0;
    for (size_t i = first; i < last; i++)
        sum += static_cast<double>(x[i]) * x[i];
    return static_cast<float>(std::sqrt(sum / static_cast<double>(last - first)));
}

float decay_factor(float rt60) {
    return std::pow(10.f, -3.f / (rt60 * kRate));
}

// Noise from the end of the images on: lows fall with the RT60, highs faster.
void add_tail(Signal &h, float rt60, Random &random) {
    const size_t end = static_cast<size_t>(kImageTime * kRate);
    const size_t blend = static_cast<size_t>(kBlendTime * kRate);
    const float level = rms(h, end - blend, end);
    const float pole =
        std::exp(-2 * static_cast<float>(M_PI) * random.uniform(1500.f, 6000.f) / kRate);
    const float low_decay = decay_factor(rt60),
                high_decay = decay_factor(rt60 * random.uniform(0.35f, 0.9f));
    float low_gain = level, high_gain = level, low = 0;
    for (size_t i = end - blend; i < h.size(); i++) {
        const float white = random.gauss();
        low += (1 - pole) * (white - low);
        const float rise =
            std::min(1.f, static_cast<float>(i + blend - end) / static_cast<float>(blend));
        if (i < end)
            h[i] *= std::sqrt(1 - rise * rise);
        h[i] += rise * (low * low_gain + (white - low) * high_gain);
        low_gain *= low_decay;
        high_gain *= high_decay;
    }
}

size_t tail_length(float rt60) {
    return std::min(kMaxTaps, static_cast<size_t>((kImageTime + 0.9f * rt60) * kRate));
}

} // namespace

Response simulate_room(Random &random, float small_share) {
    const Shoebox room = random_shoebox(random, small_share);
    Signal h(tail_length(room.rt60));
    add_images(room, h);
    add_tail(h, room.rt60, random);
    return {std::move(h), room.rt60};
}

Response measured_room(const Corpus &rooms, Random &random) {
    const Recording &r =
        rooms.recordings()[random.below(static_cast<int64_t>(rooms.recordings().size()))];
    const float *h = rooms.read_f32(r);
    const float *peak = std::max_element(
        h, h + r.length, [](float a, float b) { return std::abs(a) < std::abs(b); });
    const float rt60 = std::max(0.1f, std::strtof(r.category.c_str(), nullptr));
    const int64_t first = std::max<int64_t>(0, peak - h - 24); // half a millisecond of attack
    const int64_t count =
        std::min<int64_t>(r.length - first, static_cast<int64_t>(tail_length(rt60)));
    return {Signal(h + first, h + first + count), rt60};
}

Response random_room(const Corpus &rooms, Random &random, float small_share) {
    return random.chance(kMeasured) ? measured_room(rooms, random)
                                    : simulate_room(random, small_share);
}

Signal with_direct_part(const Response &room, float direct) {
    Signal h = room.h;
    const size_t count = std::min(h.size(), static_cast<size_t>(kDirectTime * kRate));
    for (size_t i = 0; i < count; i++)
        h[i] *= direct;
    const float energy = rms(h, 0, h.size()) * std::sqrt(static_cast<float>(h.size()));
    for (float &tap : h)
        tap /= energy + 1e-9f;
    return h;
}

Signal early_part(const Response &room) {
    Signal h = room.h;
    const size_t early = std::min(h.size(), static_cast<size_t>(kEarlyTime * kRate));
    const float faster =
        room.rt60 > kTargetRt60 ? decay_factor(kTargetRt60) / decay_factor(room.rt60) : 1.f;
    float gain = 1;
    for (size_t i = early; i < h.size(); i++) {
        gain *= faster;
        h[i] *= gain;
    }
    return h;
}

Pair room_kernel(Response room, Random &random) {
    const float nearer = random.uniform(0.5f, 1.5f);
    const size_t early = std::min(room.h.size(), static_cast<size_t>(kEarlyTime * kRate));
    for (size_t i = 0; i < early; i++)
        room.h[i] *= nearer;
    Pair kernel{room.h, early_part(room)};
    const float energy =
        rms(kernel.im, 0, kernel.im.size()) * std::sqrt(static_cast<float>(kernel.im.size()));
    for (Signal *part : {&kernel.re, &kernel.im})
        for (float &tap : *part)
            tap /= energy + 1e-9f;
    return kernel;
}

} // namespace percepnet::training

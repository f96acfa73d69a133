// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "report.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "output_file.hpp"

namespace percepnet::tools {
namespace {

constexpr float kVoice = 0.5f;
constexpr float kFullScale = 32767.0f / 32768.0f;
constexpr double kFloor = 1e-12; // -120 dB
constexpr double kHopsPerSecond = double(PERCEPNET_SAMPLE_RATE) / PERCEPNET_HOP_SIZE;

double decibels(double ratio) {
    return 10.0 * std::log10(std::max(ratio, kFloor));
}

nlohmann::ordered_json number(double value) { // to a tenth
    return std::isfinite(value) ? nlohmann::ordered_json(std::round(10.0 * value) / 10.0) : nullptr;
}

nlohmann::ordered_json as_json(const FileReport &report) {
    nlohmann::ordered_json json = {
        {"in", report.in}, {"out", report.out}, {"status", report.status}};
    if (!report.error.empty())
        return json["error"] = report.error, json;
    if (!report.cut_short.empty())
        json["cut_short"] = report.cut_short;
    json["rate_hz"] = report.rate;
    json["channels"] = report.channels;
    json["samples"] = report.frames;
    json["voice_share"] = std::round(1000.0 * report.voice_share) / 1000.0;
    json["level_before_dbfs"] = number(report.level_before);
    json["level_after_dbfs"] = number(report.level_after);
    json["snr_before_db"] = number(report.snr_before);
    json["snr_after_db"] = number(report.snr_after);
    json["clipped_before"] = report.clipped_before;
    json["clipped_after"] = report.clipped_after;
    return json;
}

} // namespace

Meter::Meter(int rate, int channels, int latency)
    : rate_(rate), channels_(channels), delay_(std::size_t(latency) / PERCEPNET_HOP_SIZE) {}

void Meter::attach(Pipeline &pipeline) {
    pipeline.on_input.push_back(
        [this](const Planar &block, std::size_t frames) { add(before_, block, frames); });
    pipeline.on_output.push_back(
        [this](const Planar &block, std::size_t frames) { add(after_, block, frames); });
    pipeline.on_hop.push_back([this](const percepnet_readout &readout, const percepnet_bands &) {
        voice_.push_back(readout.voice_probability);
    });
}

void Meter::add(Side &side, const Planar &block, std::size_t frames) {
    for (std::size_t i = 0; i < frames; i++, side.frames++) {
        const auto hop = std::size_t(double(side.frames) * kHopsPerSecond / rate_);
        if (hop >= side.hops.size())
            side.hops.resize(hop + 1);
        for (int c = 0; c < channels_; c++) {
            const float x = std::isfinite(block[c][i]) ? block[c][i] : 0.0f;
            side.hops[hop] += double(x) * double(x);
            side.clipped += std::fabs(x) >= kFullScale;
        }
    }
}

bool Meter::has_voice(std::size_t hop) const {
    return hop + delay_ < voice_.size() && voice_[hop + delay_] > kVoice;
}

double Meter::level(const Side &side) const {
    double sum = 0.0;
    for (const double hop : side.hops)
        sum += hop;
    return decibels(sum / std::max(double(side.frames) * channels_, 1.0));
}

double Meter::snr(const Side &side) const {
    double voice = 0.0, rest = 0.0;
    std::size_t voiced = 0;
    for (std::size_t hop = 0; hop < side.hops.size(); hop++)
        has_voice(hop) ? (voice += side.hops[hop], voiced++) : (rest += side.hops[hop], voiced);
    const std::size_t pauses = side.hops.size() - voiced;
    if (voiced == 0 || pauses == 0)
        return NAN;
    const double noise = std::max(rest / double(pauses), kFloor);
    return decibels(std::max(voice / double(voiced) - noise, kFloor) / noise);
}

void Meter::measure(FileReport &report) const {
    report.rate = rate_;
    report.channels = channels_;
    report.frames = before_.frames;
    std::size_t voiced = 0;
    for (std::size_t hop = 0; hop < before_.hops.size(); hop++)
        voiced += has_voice(hop);
    report.voice_share = double(voiced) / double(std::max<std::size_t>(before_.hops.size(), 1));
    report.level_before = level(before_), report.level_after = level(after_);
    report.snr_before = snr(before_), report.snr_after = snr(after_);
    report.clipped_before = before_.clipped, report.clipped_after = after_.clipped;
}

void write_reports(const std::string &path, const std::vector<FileReport> &reports) {
    nlohmann::ordered_json files = nlohmann::ordered_json::array();
    for (const FileReport &report : reports)
        files.push_back(as_json(report));
    using nlohmann::ordered_json;
    const std::string text =
        ordered_json{{"files", files}}.dump(2, ' ', false, ordered_json::error_handler_t::replace) +
        "\n";
    OutputFile file(path);
    file.write(text.data(), std::int64_t(text.size()));
    file.commit();
}

} // namespace percepnet::tools

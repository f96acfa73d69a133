// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "page.hpp"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "output_file.hpp"

namespace percepnet::tools {
namespace {

using Json = nlohmann::ordered_json;
using Bytes = std::vector<unsigned char>;

constexpr std::size_t kColumns = 1200, kRows = 240; // of a picture, at most
constexpr float kRange = 80.0f;                     // dB that the pictures show
constexpr std::string_view kPlace = "@DATA@";

std::string base64(const Bytes &bytes) {
    constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        unsigned group = 0;
        for (std::size_t k = 0; k < 3; k++)
            group = group << 8 | (k < count ? bytes[i + k] : 0u);
        for (std::size_t k = 0; k < 4; k++)
            text += k <= count ? kDigits[group >> (18 - 6 * k) & 63] : '=';
    }
    return text;
}

unsigned char byte(float share) {
    return (unsigned char)std::lround(255.0f * std::clamp(share, 0.0f, 1.0f));
}

/** Where a cell of a picture with `cells` begins among `count` values. */
std::size_t edge(std::size_t cell, std::size_t cells, std::size_t count) {
    return cell * count / cells;
}

/** The loudest of what falls on each cell; rows from the lowest frequency on. */
Json picture(const Spectrogram &sound, float peak_db) {
    const std::size_t columns = std::min(kColumns, sound.columns());
    const std::size_t rows = std::min(kRows, sound.bins());
    Bytes bytes;
    for (std::size_t x = 0; x < columns; x++)
        for (std::size_t y = 0; y < rows; y++) {
            float level = -200.0f;
            for (auto c = edge(x, columns, sound.columns());
                 c < edge(x + 1, columns, sound.columns()); c++)
                for (auto b = edge(y, rows, sound.bins()); b < edge(y + 1, rows, sound.bins()); b++)
                    level = std::max(level, sound.level_db(c, b));
            bytes.push_back(byte(1.0f + (level - peak_db) / kRange));
        }
    return {{"columns", columns},
            {"rows", rows},
            {"seconds", double(sound.columns()) * sound.column_time()},
            {"cells", base64(bytes)}};
}

Json heard(const Heard &signal, float peak_db) {
    return {{"picture", picture(signal.spectrogram(), peak_db)}, {"flac", base64(signal.flac())}};
}

Json rounded(double value) {
    return std::isfinite(value) ? Json(std::round(100.0 * value) / 100.0) : Json(nullptr);
}

/** A value of the hops, the mean of those that fall on a column; null: none. */
Json curve(const Series &hops, std::size_t value) {
    const std::size_t columns = std::min(kColumns, hops.size());
    Json points = Json::array();
    for (std::size_t x = 0; x < columns; x++)
        points.push_back(rounded(
            hops.mean(value, edge(x, columns, hops.size()), edge(x + 1, columns, hops.size()))));
    return points;
}

/** The values from `lowest` on, one for each band. */
Json band_picture(const Series &hops, std::size_t lowest) {
    const std::size_t columns = std::min(kColumns, hops.size());
    Bytes bytes;
    for (std::size_t x = 0; x < columns; x++)
        for (std::size_t band = 0; band < PERCEPNET_BANDS; band++)
            bytes.push_back(byte(float(hops.mean(lowest + band, edge(x, columns, hops.size()),
                                                 edge(x + 1, columns, hops.size())))));
    return {{"columns", columns},
            {"rows", PERCEPNET_BANDS},
            {"seconds", double(hops.hops()) * PERCEPNET_HOP_SIZE / PERCEPNET_SAMPLE_RATE},
            {"cells", base64(bytes)}};
}

Json curves(const Inspection &seen) {
    return {{"voice", curve(seen.hops(), Inspection::kVoice)},
            {"snr", curve(seen.hops(), Inspection::kSnr)},
            {"gain", curve(seen.hops(), Inspection::kGain)},
            {"pitch", curve(seen.hops(), Inspection::kPitch)},
            {"level_before", curve(seen.before().levels(), 0)},
            {"level_after", curve(seen.after().levels(), 0)}};
}

Json settings(const percepnet_params &params) {
    Json list = Json::array();
    for (int id = 0; id < percepnet_control_count(); id++) {
        const percepnet_control &control = *percepnet_control_info(id);
        const float value = percepnet_params_get_control(&params, id);
        Json shown = rounded(value);
        if (control.choices)
            shown = control.choices[int(value - control.minimum)].name;
        list.push_back({control.title, shown, control.unit});
    }
    return list;
}

Json data_of(const Options &options, const Inspection &seen) {
    const float peak =
        std::ceil(std::max(seen.before().spectrogram().peak_db(), -60.0f) / 10.0f) * 10.0f;
    Json bands = Json::array();
    for (int band = 0; band < PERCEPNET_BANDS; band++)
        bands.push_back(percepnet_band_hz(band));
    return {{"file", options.in},
            {"version", percepnet_version()},
            {"model", options.model.empty() ? "built in" : options.model},
            {"rate", seen.rate()},
            {"channels", seen.channels()},
            {"seconds", seen.before().spectrogram().duration()},
            {"peak_db", peak},
            {"range_db", kRange},
            {"settings", settings(options.params)},
            {"bands", bands},
            {"before", heard(seen.before(), peak)},
            {"after", heard(seen.after(), peak)},
            {"removed", heard(seen.removed(), peak)},
            {"gains", band_picture(seen.hops(), Inspection::kGains)},
            {"strengths", band_picture(seen.hops(), Inspection::kStrengths)},
            {"curves", curves(seen)}};
}

/** No tag in it ends the script element that it stands in. */
std::string for_html(const Json &json) {
    std::string text;
    for (const char letter : json.dump(-1, ' ', false, Json::error_handler_t::replace))
        text += letter == '<' ? std::string("\\u003c") : std::string(1, letter);
    return text;
}

} // namespace

void write_page(const std::string &path, const Options &options, const Inspection &seen) {
    std::string page = kPage;
    page.replace(page.find(kPlace), kPlace.size(), for_html(data_of(options, seen)));
    OutputFile file(path);
    file.write(page.data(), std::int64_t(page.size()));
    file.commit();
}

} // namespace percepnet::tools

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "nn/architecture.hpp"

#include <cstdint>
#include <stdexcept>

#include "nn/json_text.hpp"
#include "nn/row_layers.hpp"

namespace percepnet::nn {
namespace {

using nlohmann::json;

constexpr int kMaxWidth = 1024;
constexpr int kMaxKernel = 9;
constexpr int kMaxGruLayers = 8;
constexpr int kMaxRowWidth = 256;
constexpr int kMaxBlocks = 8;
constexpr int kMaxPast = 9;
constexpr std::size_t kMaxText = 16384;
constexpr int kMaxDepth = 3;

[[noreturn]] void refuse(const std::string &reason) {
    throw std::runtime_error("the architecture in the model file is wrong: " + reason);
}

int integer(const json &object, const char *key, int low, int high) {
    const auto entry = object.find(key);
    if (entry == object.end())
        refuse(std::string("\"") + key + "\" is missing; export the model again");
    const bool fits = entry->is_number_unsigned() && entry->get<std::uint64_t>() >= unsigned(low) &&
                      entry->get<std::uint64_t>() <= unsigned(high);
    if (!fits)
        refuse(std::string("\"") + key + "\" must be a whole number from " + std::to_string(low) +
               " to " + std::to_string(high) +
               "; use a model for this version of the library, or a newer library");
    return entry->get<int>();
}

void check_bands(const json &object) {
    const auto table = object.find("band_centres");
    bool same = table != object.end() && table->is_array() && table->size() == kBandCentre.size();
    for (std::size_t b = 0; same && b < kBandCentre.size(); b++)
        same = (*table)[b].is_number_unsigned() &&
               (*table)[b].get<std::uint64_t>() == unsigned(kBandCentre[b]);
    if (!same)
        refuse("\"band_centres\" is not the table of this library's 34 bands; the model was "
               "trained for other bands and cannot be used here");
}

// A multiple of kRowGrain.
int row_width(const json &object, const char *key) {
    const int width = integer(object, key, kRowGrain, kMaxRowWidth);
    if (width % kRowGrain != 0)
        refuse(std::string("\"") + key + "\" must be a multiple of " + std::to_string(kRowGrain));
    return width;
}

Kind parse_kind(const json &object) {
    const auto entry = object.find("kind");
    if (entry == object.end())
        return Kind::kDense;
    // By the string itself: a comparison of json values would make one, whose destructor allocates.
    const auto *kind = entry->get_ptr<const json::string_t *>();
    if (kind && *kind == "dense")
        return Kind::kDense;
    if (!kind || *kind != "bands")
        refuse("\"kind\" is not one that this library knows; use a newer library");
    return Kind::kBands;
}

void parse_dense(const json &object, Architecture &a) {
    a.features = integer(object, "features", kFeatures, kFeatures);
    a.fc = integer(object, "fc", 1, kMaxWidth);
    a.conv1_kernel = integer(object, "conv1_kernel", 1, kMaxKernel);
    a.conv2_kernel = integer(object, "conv2_kernel", 1, kMaxKernel);
    a.width = integer(object, "width", 1, kMaxWidth);
    a.gru_layers = integer(object, "gru_layers", 1, kMaxGruLayers);
    a.strength_width = integer(object, "strength_width", 1, kMaxWidth);
}

void parse_bands(const json &object, Architecture &a) {
    a.band.channels = row_width(object, "channels");
    a.band.time_units = row_width(object, "time_units");
    a.band.band_units = row_width(object, "band_units");
    a.band.blocks = integer(object, "blocks", 1, kMaxBlocks);
    a.band.past = integer(object, "past", 1, kMaxPast);
    a.band.fine = integer(object, "fine", 0, 1);
    a.band.fine_past = integer(object, "fine_past", 1, kMaxPast);
    const int features = kFeatures + a.band.fine * kFineFeatures;
    a.features = integer(object, "features", features, features);
}

} // namespace

Architecture parse_architecture(const std::string &text) {
    if (text.size() > kMaxText)
        refuse("its text is too long");
    const JsonText parsed(text.data(), text.size(), kMaxDepth);
    const json &object = parsed.root();
    if (!object.is_object())
        refuse("it is not a JSON object; export the model again");
    Architecture a;
    a.kind = parse_kind(object);
    a.bands = integer(object, "bands", kBands, kBands);
    check_bands(object);
    a.look_ahead = integer(object, "look_ahead", 0, kMaxLookAhead);
    if (a.kind == Kind::kBands)
        parse_bands(object, a);
    else
        parse_dense(object, a);
    return a;
}

} // namespace percepnet::nn

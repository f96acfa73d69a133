// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "nn/architecture.hpp"

#include <cstdint>
#include <stdexcept>

#include "nn/json_text.hpp"

namespace percepnet::nn {
namespace {

using nlohmann::json;

constexpr int kMaxWidth = 1024;
constexpr int kMaxKernel = 9;
constexpr int kMaxGruLayers = 8;
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

} // namespace

Architecture parse_architecture(const std::string &text) {
    if (text.size() > kMaxText)
        refuse("its text is too long");
    const JsonText parsed(text.data(), text.size(), kMaxDepth);
    const json &object = parsed.root();
    if (!object.is_object())
        refuse("it is not a JSON object; export the model again");
    Architecture a;
    a.features = integer(object, "features", kFeatures, kFeatures);
    a.bands = integer(object, "bands", kBands, kBands);
    check_bands(object);
    a.look_ahead = integer(object, "look_ahead", 0, kMaxLookAhead);
    a.fc = integer(object, "fc", 1, kMaxWidth);
    a.conv1_kernel = integer(object, "conv1_kernel", 1, kMaxKernel);
    a.conv2_kernel = integer(object, "conv2_kernel", 1, kMaxKernel);
    a.width = integer(object, "width", 1, kMaxWidth);
    a.gru_layers = integer(object, "gru_layers", 1, kMaxGruLayers);
    a.strength_width = integer(object, "strength_width", 1, kMaxWidth);
    return a;
}

} // namespace percepnet::nn

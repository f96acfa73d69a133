// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "controls.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace percepnet {
namespace {

constexpr percepnet_choice kOutputs[] = {
    {"enhanced", "The voice"},
    {"residual", "What is removed: the input minus the voice"},
    {"bypass", "The input, at the same latency"},
};

constexpr percepnet_choice kChannelModes[] = {
    {"linked", "One set of gains for all channels: the stereo image stays"},
    {"independent", "Each channel by itself: for microphones of different people"},
};

#define PERCEPNET_FIELD(name) offsetof(percepnet_params, name)

// id, field of percepnet_params, name, title, unit, least, most, default, live, choices, what
// single values mean, what it does
constexpr std::array<percepnet_control, PERCEPNET_CONTROL_COUNT> kControls = {{
    {PERCEPNET_CONTROL_ATTENUATION_LIMIT, PERCEPNET_FIELD(attenuation_limit), "attenuation-limit",
     "Attenuation limit", "dB", 0, 100, 100, 1, nullptr, "100: none",
     "The most that noise is attenuated by; 12 to 20 dB keep some of the surroundings"},
    {PERCEPNET_CONTROL_MIX, PERCEPNET_FIELD(mix), "mix", "Mix", "", 0, 1, 1, 1, nullptr,
     "0: input, 1: enhanced",
     "Share of the enhanced signal in the output; the rest is the input, in phase"},
    {PERCEPNET_CONTROL_POST_FILTER, PERCEPNET_FIELD(post_filter), "post-filter", "Post-filter", "",
     0, 1, 0.5f, 1, nullptr, "0: off, 1: full",
     "Lowers what noise is left: up to 0.5 between words only, beyond it under them as well"},
    {PERCEPNET_CONTROL_OUTPUT, PERCEPNET_FIELD(output), "output", "Output", "", 0, 2, 0, 1,
     kOutputs, "",
     "Which signal to put out; all have the same latency, and switching makes no click"},
    {PERCEPNET_CONTROL_CHANNEL_MODE, PERCEPNET_FIELD(channel_mode), "channel-mode", "Channel mode",
     "", 0, 1, 0, 0, kChannelModes, "",
     "How several channels are treated; independent ones cost the time of as many streams"},
}};

#undef PERCEPNET_FIELD

constexpr bool in_order() {
    for (std::size_t i = 0; i < kControls.size(); i++)
        if (std::size_t(kControls[i].id) != i)
            return false;
    return true;
}
static_assert(in_order());

// "0", "100": the ends of all ranges are whole numbers.
std::string whole(float value) {
    return std::to_string(int(value));
}

template <typename Field> float read_as(const char *field) noexcept {
    Field value;
    static_assert(sizeof value == 4);
    std::memcpy(&value, field, sizeof value);
    return float(value);
}

template <typename Field> void write_as(char *field, float number) noexcept {
    const Field value = Field(number);
    std::memcpy(field, &value, sizeof value);
}

} // namespace

Span<const percepnet_control> controls() noexcept {
    return kControls;
}

const percepnet_control *find_control(int id) noexcept {
    return id >= 0 && id < int(kControls.size()) ? &kControls[std::size_t(id)] : nullptr;
}

std::string requirement(const percepnet_control &control) {
    std::string text = control.name;
    std::replace(text.begin(), text.end(), '-', '_');
    text += " must be ";
    if (!control.choices) {
        text += whole(control.minimum) + " to " + whole(control.maximum);
        return *control.unit ? text + " " + control.unit : text;
    }
    const int last = int(control.maximum);
    for (int i = 0; i <= last; i++)
        text += std::string(i == 0      ? ""
                            : i == last ? " or "
                                        : ", ") +
                control.choices[i].name + " (" + std::to_string(i) + ")";
    return text;
}

bool is_size_of_params(std::size_t size) noexcept {
    constexpr std::size_t kFirst = offsetof(percepnet_params, channel_mode); // then 4 bytes each
    return size >= kFirst && size <= sizeof(percepnet_params) && size % sizeof(float) == 0;
}

bool in_range(const percepnet_control &control, float value) noexcept {
    return value >= control.minimum && value <= control.maximum;
}

float nearest(const percepnet_control &control, float value) noexcept {
    const float clamped = std::clamp(value, control.minimum, control.maximum);
    return control.choices ? std::round(clamped) : clamped;
}

// Choices are enums: numbers that a C caller may have set to anything, so they are read as such.
float read_field(const percepnet_params &params, const percepnet_control &control) noexcept {
    const char *field = reinterpret_cast<const char *>(&params) + control.field;
    return control.choices ? read_as<int>(field) : read_as<float>(field);
}

void write_field(percepnet_params &params, const percepnet_control &control, float value) noexcept {
    char *field = reinterpret_cast<char *>(&params) + control.field;
    control.choices ? write_as<int>(field, value) : write_as<float>(field, value);
}

} // namespace percepnet

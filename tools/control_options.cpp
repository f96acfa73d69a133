// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "control_options.hpp"

#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "error.hpp"

namespace percepnet::tools {
namespace {

std::string plain(float number) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", double(number));
    return text;
}

/** "enhanced, residual or bypass" */
std::string choices_of(const percepnet_control &control, const char *last_separator) {
    const int last = int(control.maximum);
    std::string text = control.choices[0].name;
    for (int i = 1; i <= last; i++)
        text += std::string(i == last ? last_separator : ", ") + control.choices[i].name;
    return text;
}

/** "a number of dB from 0 to 100" */
std::string range_of(const percepnet_control &control) {
    if (control.choices)
        return choices_of(control, " or ");
    const std::string unit = *control.unit ? std::string(" of ") + control.unit : "";
    return "a number" + unit + " from " + plain(control.minimum) + " to " + plain(control.maximum);
}

/** The number that text means, NaN if it means none. */
float parse(const percepnet_control &control, const std::string &text) {
    if (control.choices) {
        for (int i = 0; i <= int(control.maximum); i++)
            if (text == control.choices[i].name)
                return float(i);
        return NAN;
    }
    char *end = nullptr;
    const float number = std::strtof(text.c_str(), &end);
    const bool good = end != text.c_str() && *end == '\0' && number >= control.minimum &&
                      number <= control.maximum;
    return good ? number : NAN;
}

} // namespace

std::string value_word(const percepnet_control &control) {
    std::string word = control.choices ? "NAME" : *control.unit ? control.unit : "NUMBER";
    for (char &letter : word)
        letter = char(std::toupper(static_cast<unsigned char>(letter)));
    return word;
}

std::string help_text(const percepnet_control &control) {
    std::string text = control.description;
    if (control.choices)
        return text + " (" + choices_of(control, ", ") + "; default " +
               control.choices[int(control.default_value)].name + ")";
    text += " (" + plain(control.minimum) + ".." + plain(control.maximum);
    if (*control.unit)
        text += std::string(" ") + control.unit;
    if (*control.legend)
        text += std::string(", ") + control.legend;
    return text + "; default " + plain(control.default_value) + ")";
}

void set_control(percepnet_params &params, const percepnet_control &control, const char *text) {
    const float value = parse(control, text);
    if (std::isnan(value))
        throw UsageError("--" + std::string(control.name) + " " + text + " is not " +
                         range_of(control));
    percepnet_params_set_control(&params, control.id, value);
}

} // namespace percepnet::tools

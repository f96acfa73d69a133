// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "option_errors.hpp"

#include <algorithm>
#include <numeric>

namespace percepnet::tools {
namespace {

constexpr std::size_t kFarthest = 3; // letters that a misspelt name may be off

/** Letters to insert, remove or change to make one word of the other. */
std::size_t distance(const std::string &a, const std::string &b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t(0));
    for (std::size_t i = 1; i <= a.size(); i++) {
        std::size_t corner = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); j++) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, corner + (a[i - 1] != b[j - 1])});
            corner = above;
        }
    }
    return row.back();
}

std::string nearest(const std::string &name, const std::vector<std::string> &names) {
    const auto best = std::min_element(names.begin(), names.end(), [&](auto &a, auto &b) {
        return distance(name, a) < distance(name, b);
    });
    const bool near = best != names.end() && distance(name, *best) <= kFarthest &&
                      distance(name, *best) < name.size();
    return near ? *best : "";
}

} // namespace

std::string word_with(char letter, char *const *words, int count) {
    for (int i = 1; i < count && std::string(words[i]) != "--"; i++) {
        const std::string word = words[i];
        if (word.size() > 1 && word[0] == '-' && word[1] != '-' &&
            word.find(letter, 1) != std::string::npos)
            return word;
    }
    return std::string("-") + letter;
}

std::string unknown_option(const std::string &word, const std::vector<std::string> &names) {
    const std::string start = word + " is not an option; ";
    const std::string name = word.substr(0, word.find('='));
    if (name == "-i" || name == "-o" || name == "--input" || name == "--in" || name == "--out")
        return start + "did you mean: percepnet IN OUT (the files by their place, without " + name +
               ")";
    if (name == "-y" || name == "-f" || name == "--overwrite")
        return start + "did you mean --force?";
    const std::string near =
        name.compare(0, 2, "--") == 0 ? nearest(name.substr(2), names) : std::string();
    return start + (near.empty() ? "percepnet --help lists them" : "did you mean --" + near + "?");
}

} // namespace percepnet::tools

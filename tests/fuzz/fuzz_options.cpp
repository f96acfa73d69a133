// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The command line's words: each line of the input is one. What is taken is in range; what is not
// gets a sentence.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include <getopt.h>

#include "error.hpp"
#include "options.hpp"
#include "paths.hpp"
#include "require.hpp"

using namespace percepnet::tools;
using percepnet::fuzz::require;

namespace {

std::vector<std::string> words_of(const std::uint8_t *data, std::size_t size) {
    std::vector<std::string> words = {"percepnet"};
    std::string word;
    for (std::size_t i = 0; i <= size; i++) {
        if (i < size && data[i] != '\n' && data[i] != '\0')
            word += char(data[i]);
        else if (i < size || !word.empty())
            words.push_back(std::exchange(word, ""));
    }
    return words;
}

void check(const Options &options) {
    for (int id = 0; id < percepnet_control_count(); id++) {
        const percepnet_control *control = percepnet_control_info(id);
        const float value = percepnet_params_get_control(&options.params, id);
        require(value >= control->minimum && value <= control->maximum);
    }
    require(options.jobs >= 0 && options.jobs <= 1024);
    require((options.raw.rate > 0) == (options.raw.subtype != 0));
    require(options.raw.rate >= 0 && options.raw.channels >= 1);
    if (options.action == Action::kEnhance && options.into.empty())
        require(!options.out.empty() || !options.plot.empty() || options.inputs.empty());
    for (const std::string &input : options.inputs)
        require(shell_quoted(input).size() >= input.size() + 2);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    std::vector<std::string> words = words_of(data, size);
    std::vector<char *> arguments;
    for (std::string &word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    optind = 0; // getopt starts afresh
    try {
        check(parse_options(int(words.size()), arguments.data()));
    } catch (const UsageError &error) {
        require(error.what()[0] != '\0');
    }
    return 0;
}

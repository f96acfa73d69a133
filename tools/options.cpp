// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "options.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>

#include <getopt.h>

#include "error.hpp"
#include "option_errors.hpp"

namespace percepnet::tools {
namespace {

/** One option: parsing, --help and docs/options.md (by a test) follow this table. */
struct Option {
    const char *name;
    const char *argument; // nullptr: a switch
    const char *help;
    void (*apply)(Options &options, const char *value);
};

[[noreturn]] void refuse(const std::string &option, const char *value, const std::string &range) {
    throw UsageError("--" + option + " " + value + " is not " + range);
}

float number(const char *option, const char *value, float most, const char *range) {
    char *end = nullptr;
    const float result = std::strtof(value, &end);
    if (end == value || *end != '\0' || !std::isfinite(result) || result < 0.0f || result > most)
        refuse(option, value, range);
    return result;
}

float share(const char *option, const char *value) {
    return number(option, value, 1.0f, "a number from 0 to 1");
}

void set_output(Options &options, const char *value) {
    const char *const names[] = {"enhanced", "residual", "bypass"};
    for (int i = 0; i < 3; i++)
        if (std::strcmp(value, names[i]) == 0) {
            options.params.output = percepnet_output(i);
            return;
        }
    refuse("output", value, "enhanced, residual or bypass");
}

void set_channel_mode(Options &options, const char *value) {
    const bool linked = std::strcmp(value, "linked") == 0;
    if (!linked && std::strcmp(value, "independent") != 0)
        refuse("channel-mode", value, "linked or independent");
    options.params.channel_mode =
        linked ? PERCEPNET_CHANNELS_LINKED : PERCEPNET_CHANNELS_INDEPENDENT;
}

void set_jobs(Options &options, const char *value) {
    char *end = nullptr;
    const long number = std::strtol(value, &end, 10);
    if (end == value || *end != '\0' || number < 1 || number > 1024)
        refuse("jobs", value, "a number from 1 to 1024");
    options.jobs = int(number);
}

constexpr Option kOptions[] = {
    {"model", "FILE", "model file (built in)", [](Options &o, const char *v) { o.model = v; }},
    {"attenuation-limit", "DB", "most attenuation, 0..100 dB, 100: no limit (100)",
     [](Options &o, const char *v) {
         o.params.attenuation_limit =
             number("attenuation-limit", v, 100.0f, "a number of dB from 0 to 100");
     }},
    {"mix", "SHARE", "share of the enhanced signal, 0 (input) .. 1 (1)",
     [](Options &o, const char *v) { o.params.mix = share("mix", v); }},
    {"post-filter", "STRENGTH", "strength of the post-filter, 0 (off) .. 1 (1)",
     [](Options &o, const char *v) { o.params.post_filter = share("post-filter", v); }},
    {"output", "WHAT", "enhanced, residual (what is removed) or bypass (enhanced)", set_output},
    {"channel-mode", "MODE", "linked (one set of gains) or independent (linked)", set_channel_mode},
    {"raw", "FORMAT", "IN and a piped OUT have no header: s16:48000:1, f32:16000:2, ...",
     [](Options &o, const char *v) { o.raw = parse_raw_format(v); }},
    {"plot", "PNG", "also draw both spectrograms; OUT may be left out",
     [](Options &o, const char *v) { o.plot = v; }},
    {"into", "FOLDER", "enhance all files and folders named into this folder",
     [](Options &o, const char *v) { o.into = v; }},
    {"jobs", "N", "with --into: files at a time (as many as there are cores)", set_jobs},
    {"json", "FILE", "write a report: voice share, levels, SNR before and after, clipping",
     [](Options &o, const char *v) { o.json = v; }},
    {"force", nullptr, "replace outputs that are there already",
     [](Options &o, const char *) { o.force = true; }},
    {"quiet", nullptr, "no progress, no summary", [](Options &o, const char *) { o.quiet = true; }},
    {"info", nullptr, "print the library's and the model's data",
     [](Options &o, const char *) { o.action = Action::kInfo; }},
    {"bench", nullptr, "measure the speed on one core of this machine",
     [](Options &o, const char *) { o.action = Action::kBench; }},
    {"help", nullptr, "print this text",
     [](Options &o, const char *) { o.action = Action::kHelp; }},
    {"version", nullptr, "print the version",
     [](Options &o, const char *) { o.action = Action::kVersion; }},
};
constexpr std::size_t kCount = std::size(kOptions);

std::vector<std::string> option_names() {
    std::vector<std::string> names;
    for (const Option &option : kOptions)
        names.push_back(option.name);
    return names;
}

void parse_switches(int argc, char **argv, Options &options) {
    option table[kCount + 1] = {};
    for (std::size_t i = 0; i < kCount; i++)
        table[i] = {kOptions[i].name, kOptions[i].argument ? required_argument : no_argument,
                    nullptr, 0};
    opterr = 0, optopt = 0;
    int index = 0;
    for (int found; (found = getopt_long(argc, argv, ":hV", table, &index)) != -1;) {
        const std::string word =
            optopt != 0 && found == '?' ? word_with(char(optopt), argv, argc) : argv[optind - 1];
        if (found == 'h' || found == 'V')
            options.action = found == 'h' ? Action::kHelp : Action::kVersion;
        else if (found == ':')
            throw UsageError(word + " needs a value; percepnet --help lists the options");
        else if (found == '?')
            throw UsageError(unknown_option(word, option_names()));
        else
            kOptions[index].apply(options, optarg);
    }
}

} // namespace

Options parse_options(int argc, char **argv) {
    Options options;
    percepnet_params_init(&options.params);
    parse_switches(argc, argv, options);
    if (options.action != Action::kEnhance)
        return options;
    const int files = argc - optind;
    if (!options.into.empty()) {
        options.inputs.assign(argv + optind, argv + argc);
        if (files == 0 || !options.plot.empty())
            throw UsageError(files == 0 ? "--into FOLDER needs files or folders after it"
                                        : "--plot draws one file; leave --into out");
        return options;
    }
    const bool out_needed = options.plot.empty();
    if (files < 1 || files > 2 || (files == 1 && out_needed))
        throw UsageError("usage: percepnet [options] IN OUT; percepnet --help lists the options");
    options.in = argv[optind];
    if (files == 2)
        options.out = argv[optind + 1];
    return options;
}

void print_help() {
    std::puts("usage: percepnet [options] IN OUT\n"
              "       percepnet [options] --into FOLDER FILE|FOLDER ...\n"
              "\n"
              "Takes noise and reverberation out of a recording of speech and keeps the voice.\n"
              "IN is any file that libsndfile reads, at any rate, with up to 64 channels; OUT has\n"
              "its length, rate and channels, in the format of its extension. '-' is standard\n"
              "input or output, there WAV unless --raw says otherwise.\n"
              "\n"
              "options (with their defaults):");
    for (const Option &option : kOptions) {
        std::string left = std::string("--") + option.name;
        if (option.argument)
            left += std::string(" ") + option.argument;
        std::printf("  %-24s %s\n", left.c_str(), option.help);
    }
    std::puts("\nexamples:\n"
              "  percepnet noisy.wav clean.wav\n"
              "  percepnet --attenuation-limit 12 talk.flac talk.ogg\n"
              "  arecord -q -f S16_LE -r 48000 | percepnet - - | aplay\n"
              "  percepnet --into clean --json report.json recordings talk.wav\n"
              "  percepnet --plot spectrogram.png noisy.wav");
}

} // namespace percepnet::tools

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "options.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <sstream>
#include <vector>

#include <getopt.h>

#include "audio_format.hpp"
#include "control_options.hpp"
#include "error.hpp"
#include "option_errors.hpp"

namespace percepnet::tools {
namespace {

/** An option that is no control of the library: parsing, --help and docs/options.md (by a test)
    follow this table; those that are controls follow the library's own. */
struct Option {
    const char *name;
    const char *argument; // nullptr: a switch
    const char *help;
    void (*apply)(Options &options, const char *value);
};

long whole_number(const char *option, const char *value, long least, long most) {
    char *end = nullptr;
    const long number = std::strtol(value, &end, 10);
    if (end == value || *end != '\0' || number < least || number > most)
        throw UsageError(std::string(option) + " " + value + " is not a number from " +
                         std::to_string(least) + " to " + std::to_string(most));
    return number;
}

void set_jobs(Options &options, const char *value) {
    options.jobs = int(whole_number("--jobs", value, 1, 1024));
}

void set_hops(Options &options, const char *value) {
    options.hops = int(whole_number("--hops", value, 1, 100000000));
}

constexpr Option kOptions[] = {
    {"model", "FILE", "model file (built in)", [](Options &o, const char *v) { o.model = v; }},
    {"raw", "FORMAT", "IN and a piped OUT have no header: s16:48000:1, f32:16000:2, ...",
     [](Options &o, const char *v) { o.raw = parse_raw_format(v); }},
    {"plot", "PNG", "also draw both spectrograms; OUT may be left out",
     [](Options &o, const char *v) { o.plot = v; }},
    {"report", "HTML", "also write a page to hear and see what was done; OUT may be left out",
     [](Options &o, const char *v) { o.page = v; }},
    {"into", "FOLDER", "enhance all files and folders named into this folder",
     [](Options &o, const char *v) { o.into = v; }},
    {"jobs", "N", "threads for one file; with --into: files at a time (as many as it has cores)",
     set_jobs},
    {"json", "FILE", "write a report: voice share, levels, SNR before and after, clipping",
     [](Options &o, const char *v) { o.json = v; }},
    {"force", nullptr, "replace outputs that are there already",
     [](Options &o, const char *) { o.force = true; }},
    {"quiet", nullptr, "no progress, no summary", [](Options &o, const char *) { o.quiet = true; }},
    {"info", nullptr, "print the library's and the model's data",
     [](Options &o, const char *) { o.action = Action::kInfo; }},
    {"bench", nullptr, "measure the speed on one core of this machine; then --json alone is enough",
     [](Options &o, const char *) { o.action = Action::kBench; }},
    {"hops", "N", "with --bench: hops of one stream to measure (2000)", set_hops},
    {"help", nullptr, "print this text",
     [](Options &o, const char *) { o.action = Action::kHelp; }},
    {"version", nullptr, "print the version",
     [](Options &o, const char *) { o.action = Action::kVersion; }},
};

constexpr char kNeedsValue[] = " needs a value; percepnet --help lists the options";

std::vector<std::string> option_names() {
    std::vector<std::string> names;
    for (int id = 0; id < percepnet_control_count(); id++)
        names.push_back(percepnet_control_info(id)->name);
    for (const Option &own : kOptions)
        names.push_back(own.name);
    return names;
}

void parse_switches(int argc, char **argv, Options &options) {
    const int controls = percepnet_control_count();
    std::vector<option> table;
    for (int id = 0; id < controls; id++)
        table.push_back({percepnet_control_info(id)->name, required_argument, nullptr, 0});
    for (const Option &own : kOptions)
        table.push_back({own.name, own.argument ? required_argument : no_argument, nullptr, 0});
    table.push_back({"out", optional_argument, nullptr, '?'}); // no abbreviation of --output
    table.push_back({});
    opterr = 0, optopt = 0;
    int index = 0;
    bool json_alone = false;
    for (int found; (found = getopt_long(argc, argv, ":hV", table.data(), &index)) != -1;) {
        if (found == 0 && optarg == argv[optind - 1] && std::strncmp(optarg, "--", 2) == 0)
            found = ':', optind--; // the next option
        const std::string word =
            optopt != 0 && found == '?' ? word_with(char(optopt), argv, argc) : argv[optind - 1];
        if (found == 'h' || found == 'V')
            options.action = found == 'h' ? Action::kHelp : Action::kVersion;
        else if (found == ':' && word == "--json")
            json_alone = true, options.json = "-";
        else if (found == ':')
            throw UsageError(word + kNeedsValue);
        else if (found == '?')
            throw UsageError(unknown_option(word, option_names()));
        else if (optarg && *optarg == '\0')
            throw UsageError(std::string("--") + table[std::size_t(index)].name +
                             " is followed by an empty word; give it a value or leave it out");
        else if (index < controls)
            set_control(options.params, *percepnet_control_info(index), optarg);
        else
            kOptions[index - controls].apply(options, optarg);
    }
    if (json_alone && options.action == Action::kEnhance)
        throw UsageError(std::string("--json") + kNeedsValue);
}

/** Two columns, the second one broken into lines. */
void print_option(const std::string &left, const std::string &text) {
    constexpr std::size_t kLeft = 26, kWidth = 98 - kLeft;
    std::string line = "  " + left;
    line.resize(std::max(kLeft, line.size() + 1), ' ');
    std::size_t used = 0;
    std::istringstream words(text);
    for (std::string word; words >> word;) {
        if (used > 0 && used + 1 + word.size() > kWidth) {
            line += "\n" + std::string(kLeft, ' ');
            used = 0;
        }
        line += (used > 0 ? " " : "") + word;
        used += word.size() + 1;
    }
    std::puts(line.c_str());
}

} // namespace

Options parse_options(int argc, char **argv) {
    Options options;
    percepnet_params_init(&options.params);
    parse_switches(argc, argv, options);
    if (options.action != Action::kEnhance)
        return options;
    const int files = argc - optind;
    if (std::any_of(argv + optind, argv + argc, [](const char *name) { return *name == '\0'; }))
        throw UsageError("one of the files has an empty name; did a variable stay unset?");
    if (!options.into.empty()) {
        options.inputs.assign(argv + optind, argv + argc);
        if (files == 0)
            throw UsageError("--into FOLDER needs files or folders after it");
        if (!options.plot.empty() || !options.page.empty())
            throw UsageError("--plot and --report show one file; leave --into out");
        return options;
    }
    const bool out_needed = options.plot.empty() && options.page.empty();
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
              "IN is any file that libsndfile or, where it was built in, libavformat reads (m4a,\n"
              "video), at any rate, with up to 64 channels; OUT has its length, rate and\n"
              "channels, in the format of its extension; video is copied. '-' is standard input\n"
              "or output, there WAV unless --raw says otherwise.\n");
    print_option("extensions of OUT", written_extensions());
    std::puts("\noptions (with their defaults):");
    for (int id = 0; id < percepnet_control_count(); id++) {
        const percepnet_control &control = *percepnet_control_info(id);
        print_option(std::string("--") + control.name + " " + value_word(control),
                     help_text(control));
    }
    for (const Option &option : kOptions) {
        const std::string argument = option.argument ? std::string(" ") + option.argument : "";
        print_option(std::string("--") + option.name + argument, option.help);
    }
    std::puts("\nexamples:\n"
              "  percepnet noisy.wav clean.wav\n"
              "  percepnet --attenuation-limit 12 talk.flac talk.ogg\n"
              "  percepnet interview.mp4 clean.mp4\n"
              "  arecord -q -f S16_LE -r 48000 | percepnet - - | aplay\n"
              "  percepnet --into clean --json report.json recordings talk.wav\n"
              "  percepnet --plot spectrogram.png noisy.wav\n"
              "  percepnet --report noisy.html noisy.wav");
}

} // namespace percepnet::tools

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include "actions.hpp"
#include "error.hpp"
#include "interrupt.hpp"
#include "options.hpp"

namespace percepnet::tools {
namespace {

int run(const Options &options) {
    switch (options.action) {
    case Action::kHelp:
        return print_help(), 0;
    case Action::kVersion:
        std::printf("percepnet %s\n", percepnet_version());
        return 0;
    case Action::kInfo:
        return print_info(options), 0;
    case Action::kBench:
        return run_bench(options), 0;
    case Action::kEnhance:
        watch_for_interrupts();
        return options.into.empty() ? enhance(options) : enhance_all(options);
    }
    return 0;
}

} // namespace
} // namespace percepnet::tools

int main(int argc, char **argv) {
    using namespace percepnet::tools;
    // A closed pipe and a file that may grow no more are failed writes, with a sentence.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    try {
        return run(parse_options(argc, argv));
    } catch (const UsageError &error) {
        std::fprintf(stderr, "percepnet: %s\n", error.what());
        return 2;
    } catch (const Error &error) {
        std::fprintf(stderr, "percepnet: %s\n", error.what());
    } catch (const std::bad_alloc &) {
        std::fputs("percepnet: out of memory; close other programs or cut the file\n", stderr);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "percepnet: %s\n", error.what());
    }
    return 1;
}

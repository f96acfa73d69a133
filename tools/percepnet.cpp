// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include "actions.hpp"
#include "error.hpp"
#include "options.hpp"

namespace percepnet::tools {
namespace {

void run(const Options &options) {
    switch (options.action) {
    case Action::kHelp:
        return print_help();
    case Action::kVersion:
        std::printf("percepnet %s\n", percepnet_version());
        return;
    case Action::kInfo:
        return print_info(options);
    case Action::kBench:
        return run_bench(options);
    case Action::kEnhance:
        return enhance(options);
    }
}

} // namespace
} // namespace percepnet::tools

int main(int argc, char **argv) {
    using namespace percepnet::tools;
    std::signal(SIGPIPE, SIG_IGN); // a closed pipe is a failed write, with a sentence
    try {
        run(parse_options(argc, argv));
        return 0;
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

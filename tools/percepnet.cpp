// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <string>

#include "actions.hpp"
#include "error.hpp"
#include "interrupt.hpp"
#include "options.hpp"

namespace percepnet::tools {
namespace {

/** What was printed is only out when it is flushed. */
int checked(int status) {
    if (std::fflush(stdout) != 0 || std::ferror(stdout))
        throw Error(std::string("standard output cannot be written (") + std::strerror(errno) +
                    "): make room, or write elsewhere");
    return status;
}

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
        return checked(run(parse_options(argc, argv)));
    } catch (const UsageError &error) {
        std::fprintf(stderr, "percepnet: %s\n", error.what());
        return 2;
    } catch (const Stopped &error) {
        std::fprintf(stderr, "percepnet: %s\n", error.what());
        return 128 + interrupted();
    } catch (const Error &error) {
        std::fprintf(stderr, "percepnet: %s\n", error.what());
    } catch (const std::bad_alloc &) {
        std::fputs("percepnet: out of memory; close other programs or cut the file\n", stderr);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "percepnet: %s\n", error.what());
    }
    return 1;
}

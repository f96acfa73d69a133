// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <memory>

#include <percepnet/percepnet.h>

#include "options.hpp"
#include "report.hpp"

namespace percepnet::tools {

struct UnrefModel {
    void operator()(percepnet_model *model) const { percepnet_model_unref(model); }
};
using ModelHandle = std::unique_ptr<percepnet_model, UnrefModel>;

struct DestroyStream {
    void operator()(percepnet_stream *stream) const { percepnet_destroy(stream); }
};
using StreamHandle = std::unique_ptr<percepnet_stream, DestroyStream>;

/** What --jobs asks for. */
int thread_count(const Options &options);

/** The model that the options name. @throws Error */
ModelHandle open_model(const Options &options);

/** @throws Error */
StreamHandle open_stream(const percepnet_params &params);

/** One file, from options.in to options.out, on options.jobs threads. @throws Error */
FileReport enhance_file(const Options &options, percepnet_model *model);

/** The action of `percepnet --into FOLDER FILE...`: one line for each, then how many.
    @return as enhance(); 1 if one failed. @throws Error */
int enhance_all(const Options &options);

/** The action of `percepnet IN OUT`: same length, no lag.
    @return the exit status: 0, kCutShort, or 128 + the signal that stopped it. @throws Error */
int enhance(const Options &options);

/** --info */
void print_info(const Options &options);

/** --bench */
void run_bench(const Options &options);

} // namespace percepnet::tools

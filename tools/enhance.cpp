// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "actions.hpp"

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>

#include "error.hpp"
#include "interrupt.hpp"
#include "paths.hpp"
#include "pipeline.hpp"
#include "progress.hpp"
#include "spectrogram.hpp"

namespace percepnet::tools {
namespace {

void check_places(const Options &options) {
    std::vector<Place> read = {{options.in, "IN"}}, written;
    if (!options.model.empty())
        read.push_back({options.model, "--model"});
    if (!options.out.empty())
        written.push_back({options.out, "OUT"});
    if (!options.plot.empty())
        written.push_back({options.plot, "--plot"});
    check_places(read, written);
    for (const Place &place : written)
        if (!options.force && place.path != "-" && std::filesystem::is_regular_file(place.path))
            throw Error(place.path + " is there already; --force replaces it");
}

StreamHandle make_stream(const Options &options, percepnet_model *model, int channels) {
    if (channels > PERCEPNET_MAX_CHANNELS)
        throw Error(options.in + " has " + std::to_string(channels) +
                    " channels; 64 are the most, split it first");
    percepnet_params params = options.params;
    params.model = model;
    params.channels = channels;
    return open_stream(params);
}

/** What is to be said of a file that is done. @return the exit status */
int tell_result(const Options &options, const AudioReader &reader, std::size_t frames) {
    const std::string in = options.in == "-" ? "standard input" : options.in;
    if (const int number = interrupted()) {
        std::fprintf(stderr, "percepnet: stopped by SIG%s: the first %.1f s of %s are done\n",
                     sigabbrev_np(number), double(frames) / reader.rate(), in.c_str());
        return 128 + number;
    }
    if (frames == 0)
        std::fprintf(stderr, "percepnet: %s holds no samples, so the output holds none either\n",
                     in.c_str());
    const std::string missing = reader.missing();
    if (missing.empty())
        return 0;
    std::fprintf(stderr, "percepnet: %s is cut short: %s; the output holds what there is\n",
                 in.c_str(), missing.c_str());
    return kCutShort;
}

} // namespace

ModelHandle open_model(const Options &options) {
    percepnet_error error;
    ModelHandle model(options.model.empty() ? percepnet_model_default(&error)
                                            : percepnet_model_open(options.model.c_str(), &error));
    if (!model)
        throw Error(error.message);
    return model;
}

StreamHandle open_stream(const percepnet_params &params) {
    percepnet_error error;
    StreamHandle stream(percepnet_create(&params, &error));
    if (!stream)
        throw Error(error.message);
    return stream;
}

int enhance(const Options &options) {
    check_places(options);
    const ModelHandle model = open_model(options);
    AudioReader reader(options.in, options.raw);
    const StreamHandle stream = make_stream(options, model.get(), reader.channels());
    std::optional<AudioWriter> writer;
    if (!options.out.empty())
        writer.emplace(options.out, reader, options.raw.rate > 0);
    Pipeline pipeline(reader, stream.get(), writer ? &*writer : nullptr);

    std::optional<Spectrogram> before, after;
    if (!options.plot.empty()) {
        before.emplace(reader.rate()), after.emplace(reader.rate());
        pipeline.on_input.push_back([&](const Planar &b, std::size_t n) { before->add(b, n); });
        pipeline.on_output.push_back([&](const Planar &b, std::size_t n) { after->add(b, n); });
    }
    Progress progress(reader.rate(), reader.length(), options.quiet);
    pipeline.on_input.push_back(
        [&](const Planar &, std::size_t) { progress.show(pipeline.frames()); });

    pipeline.run();
    if (writer)
        writer->close();
    if (before)
        draw_spectrograms(options.plot, *before, *after);
    progress.finish(pipeline.frames());
    return tell_result(options, reader, pipeline.frames());
}

} // namespace percepnet::tools

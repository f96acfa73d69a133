// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "actions.hpp"

#include <cstdio>
#include <cstring>
#include <optional>

#include "audio_format.hpp"
#include "error.hpp"
#include "inspection.hpp"
#include "interrupt.hpp"
#include "output_file.hpp"
#include "page.hpp"
#include "paths.hpp"
#include "pipeline.hpp"
#include "processors.hpp"
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
    if (!options.page.empty())
        written.push_back({options.page, "--report"});
    if (!options.json.empty() && options.into.empty())
        written.push_back({options.json, "--json"});
    check_places(read, written);
    for (const Place &place : written) {
        keep_what_is_there(place.path, place.called, options.force);
        if (place.path != options.out)
            check_writable(place.path);
    }
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

/** What is to be said of a file that is done. */
void tell_result(const FileReport &report, bool quiet) {
    const char *in = report.in == "-" ? "standard input" : report.in.c_str();
    if (report.status > 128)
        std::fprintf(stderr, "percepnet: stopped by SIG%s: the first %.1f s of %s are done\n",
                     sigabbrev_np(report.status - 128), double(report.frames) / report.rate, in);
    else if (report.frames == 0)
        std::fprintf(stderr, "percepnet: %s holds no samples, so the output holds none either\n",
                     in);
    if (!report.note.empty() && !quiet)
        std::fprintf(stderr, "percepnet: %s: %s\n", report.out.c_str(), report.note.c_str());
    if (!report.cut_short.empty())
        std::fprintf(stderr, "percepnet: %s is cut short: %s; the output holds what there is\n", in,
                     report.cut_short.c_str());
}

} // namespace

int thread_count(const Options &options) {
    return options.jobs > 0 ? options.jobs : processors();
}

ModelHandle open_model(const Options &options) {
    percepnet_error error;
    ModelHandle model(percepnet_model_load(options.model.c_str(), &error));
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

FileReport enhance_file(const Options &options, percepnet_model *model) {
    check_places(options);
    const auto opened = open_sound(options.in, options.raw, options.out);
    SoundReader &reader = *opened;
    const StreamHandle stream = make_stream(options, model, reader.channels());
    std::unique_ptr<SoundWriter> writer;
    if (!options.out.empty())
        writer = create_sound(options.out, reader, options.raw.rate > 0);
    Pipeline pipeline(reader, stream.get(), writer.get(), thread_count(options));

    std::optional<Spectrogram> before, after;
    if (!options.plot.empty()) {
        before.emplace(reader.rate()), after.emplace(reader.rate());
        pipeline.on_input.push_back([&](const Planar &b, std::size_t n) { before->add(b, n); });
        pipeline.on_output.push_back([&](const Planar &b, std::size_t n) { after->add(b, n); });
    }
    Progress progress(reader.rate(), reader.length(), options.quiet);
    pipeline.on_input.push_back(
        [&](const Planar &, std::size_t) { progress.show(pipeline.frames()); });
    Meter meter(reader.rate(), reader.channels(), percepnet_model_latency(model));
    if (!options.json.empty())
        meter.attach(pipeline);

    std::optional<Inspection> inspection;
    if (!options.page.empty())
        inspection.emplace(reader.rate(), reader.channels(), percepnet_model_latency(model));
    if (inspection)
        inspection->attach(pipeline);

    pipeline.run();
    if (writer)
        writer->close();
    if (before)
        draw_spectrograms(options.plot, *before, *after);
    if (inspection)
        write_page(options.page, options, *inspection);
    progress.finish(pipeline.frames(), !interrupted());

    FileReport report;
    meter.measure(report);
    report.in = options.in, report.out = options.out;
    report.frames = pipeline.frames();
    report.note = writer ? writer->note() : "";
    report.cut_short = interrupted() ? "" : reader.missing();
    report.status = interrupted() ? 128 + interrupted() : report.cut_short.empty() ? 0 : kCutShort;
    return report;
}

int enhance(const Options &options) {
    check_places(options); // before the model is read
    const ModelHandle model = open_model(options);
    const FileReport report = enhance_file(options, model.get());
    if (!options.json.empty())
        write_reports(options.json, {report});
    tell_result(report, options.quiet);
    return report.status;
}

} // namespace percepnet::tools

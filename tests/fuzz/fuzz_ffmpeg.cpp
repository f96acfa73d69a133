// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The FFmpeg filter in a graph. An input is the filter's options up to the first newline, then
// formats, frames of any size and time, commands, ends and times without memory in any order. What
// goes in at 48 kHz comes out at the same length, in finite numbers, unless memory was short. Run
// it with the library path of the drop-in.
#include <algorithm>
#include <climits>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>

extern "C" {
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/channel_layout.h>
#include <libavutil/frame.h>
#include <libavutil/log.h>
#include <libavutil/mem.h>
#include <libavutil/samplefmt.h>
#include <libavutil/version.h>
}

#include "bytes.hpp"
#include "model_file.hpp"
#include "require.hpp"

using percepnet::fuzz::Bytes;
using percepnet::fuzz::ModelFile;
using percepnet::fuzz::require;

namespace {

constexpr int kMostCalls = 30;
constexpr unsigned kMostFrames = 2500;
constexpr std::int64_t kMostSamples = 20000;
constexpr int kRates[] = {48000, 44100, 8000, 16000, 96000, 7350, 192000};
constexpr const char *kCommands[] = {"mix",    "atten_lim", "post_filter",
                                     "output", "model",     "nonsense"};
constexpr const char *kValues[] = {"0",        "0.5",    "1",  "-1",       "1e30",  "nan",
                                   "residual", "bypass", "12", "enhanced", "2*0.3", ""};
constexpr std::int64_t kFar = std::int64_t(1) << 62;
constexpr std::int64_t kTimes[] = {0, -1, kFar, -kFar, INT64_MAX, INT64_MIN + 1};
/** What libav may take in one piece: from nothing to all but a frame's samples. */
constexpr std::size_t kLimits[] = {INT_MAX, 1, 40, 100, 300, 1000, 1800, 8000};

/** For its lifetime libav gets no piece of memory above the limit. */
struct Scarcity {
    explicit Scarcity(std::size_t limit) { av_max_alloc(limit); }
    ~Scarcity() { av_max_alloc(INT_MAX); }
    Scarcity(const Scarcity &) = delete;
};

/** abuffer, percepnet, abuffersink. */
class Graph {
public:
    Graph(const std::string &options, Bytes &bytes) : graph_(avfilter_graph_alloc()) {
        rate_ = kRates[bytes.byte() % 7];
        format_ = AVSampleFormat(bytes.byte() % AV_SAMPLE_FMT_NB);
        const unsigned kind = bytes.byte();
        av_channel_layout_default(&layout_, kind == 255 ? 64 : int(kind % 8) + 1);
        set_limit(kind >= 240 && kind < 248 ? kind - 240 : 0);
        char layout[64];
        av_channel_layout_describe(&layout_, layout, sizeof layout);
        const std::string input =
            "time_base=1/" + std::to_string(rate_) + ":sample_rate=" + std::to_string(rate_) +
            ":sample_fmt=" + av_get_sample_fmt_name(format_) + ":channel_layout=" + layout;
        ready_ = make(&from_, "abuffer", input) && make(&filter_, "percepnet", options) &&
                 make(&to_, "abuffersink", "") && avfilter_link(from_, 0, filter_, 0) == 0 &&
                 avfilter_link(filter_, 0, to_, 0) == 0 && configure();
    }
    ~Graph() {
        avfilter_graph_free(&graph_);
        av_channel_layout_uninit(&layout_);
    }
    Graph(const Graph &) = delete;
    bool ready() const { return ready_; }

    void call(Bytes &bytes) {
        switch (bytes.byte() % 8) {
        case 0:
            return command(bytes);
        case 1:
            return drain();
        case 2:
            return end(bytes);
        case 7:
            return set_limit(bytes.byte() % std::size(kLimits));
        default:
            return push(bytes);
        }
    }

    void end(Bytes &bytes) {
        const unsigned kind = bytes.byte() % 8;
        if (kind == 0)
            finish(any_time(bytes));
        thrown_away_ |= kind == 1;
    }
    /** With frames in the filter: the sanitizer of leaks sees what it does with them. */
    bool thrown_away() const { return thrown_away_; }

    void finish(std::int64_t pts) {
        if (!ended_)
            av_buffersrc_close(from_, pts, 0);
        ended_ = true;
        drain();
    }
    void check_length() const {
        if (rate_ == 48000 && !scarce_)
            require(samples_out_ == samples_in_);
    }

private:
    bool make(AVFilterContext **context, const char *name, const std::string &options) {
        const AVFilter *filter = avfilter_get_by_name(name);
        require(filter != nullptr); // the library path does not lead to the drop-in
        return avfilter_graph_create_filter(context, filter, name, options.c_str(), nullptr,
                                            graph_) >= 0;
    }

    /** Not with the resampler: libswresample leaks then. */
    void set_limit(std::size_t index) {
        if (rate_ == 48000 && format_ == AV_SAMPLE_FMT_FLTP)
            limit_ = kLimits[index];
        scarce_ |= limit_ != INT_MAX;
    }

    bool configure() {
        const Scarcity now(limit_);
        return avfilter_graph_config(graph_, nullptr) == 0;
    }

    std::int64_t any_time(Bytes &bytes) const {
        const unsigned kind = bytes.byte();
        if (kind >= 250)
            return kTimes[kind - 250];
        if (kind % 4 == 0)
            return samples_in_;
        return kind % 4 == 1 ? AV_NOPTS_VALUE
                             : samples_in_ + std::int64_t(bytes.below(65536)) - 5000;
    }

    void command(Bytes &bytes) {
        char answer[64];
        avfilter_graph_send_command(graph_, bytes.byte() % 4 ? "percepnet" : "all",
                                    kCommands[bytes.byte() % 6], kValues[bytes.byte() % 12], answer,
                                    sizeof answer, 0);
    }

    void push(Bytes &bytes) {
        const unsigned count = bytes.below(kMostFrames);
        if (ended_ || (samples_in_ + count) * layout_.nb_channels > kMostSamples)
            return;
        AVFrame *frame = av_frame_alloc();
        frame->format = format_;
        frame->sample_rate = rate_;
        frame->nb_samples = int(std::max(count, 1u));
        av_channel_layout_copy(&frame->ch_layout, &layout_);
        require(av_frame_get_buffer(frame, 0) == 0);
        fill(frame, bytes);
        frame->nb_samples = int(count);
        frame->pts = any_time(bytes);
        {
            const Scarcity now(limit_);
            if (av_buffersrc_add_frame(from_, frame) == 0)
                samples_in_ += count;
        }
        av_frame_free(&frame);
    }

    static void fill(AVFrame *frame, Bytes &bytes) {
        const int planes = av_sample_fmt_is_planar(AVSampleFormat(frame->format))
                               ? frame->ch_layout.nb_channels
                               : 1;
        std::uint8_t pattern[16];
        for (std::uint8_t &b : pattern)
            b = bytes.byte();
        for (int p = 0; p < planes; p++)
            for (int i = 0; i < frame->linesize[0]; i++)
                frame->extended_data[p][i] = std::uint8_t(pattern[i % 16] + (i >> 6));
    }

    void drain() {
        AVFrame *frame = av_frame_alloc();
        while (next(frame)) {
            require(frame->nb_samples > 0 && frame->ch_layout.nb_channels == layout_.nb_channels);
            samples_out_ += frame->nb_samples;
            check(*frame);
            av_frame_unref(frame);
        }
        av_frame_free(&frame);
    }

    bool next(AVFrame *frame) {
        const Scarcity now(limit_);
        return av_buffersink_get_frame(to_, frame) >= 0;
    }

    void check(const AVFrame &frame) const {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
        require(rate_ != 48000 || frame.duration == frame.nb_samples);
#endif
        if (frame.format != AV_SAMPLE_FMT_FLTP)
            return;
        for (int c = 0; c < frame.ch_layout.nb_channels; c++)
            for (int i = 0; i < frame.nb_samples; i++)
                require(std::isfinite(reinterpret_cast<float *>(frame.extended_data[c])[i]));
    }

    AVFilterGraph *graph_;
    AVFilterContext *from_ = nullptr, *filter_ = nullptr, *to_ = nullptr;
    AVChannelLayout layout_{};
    AVSampleFormat format_;
    int rate_;
    std::size_t limit_ = INT_MAX;
    bool ready_ = false, ended_ = false, thrown_away_ = false, scarce_ = false;
    std::int64_t samples_in_ = 0, samples_out_ = 0;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    static const ModelFile model;
    av_log_set_level(AV_LOG_QUIET);
    const std::uint8_t *const end = std::find(data, data + size, std::uint8_t('\n'));
    std::string options(data, end);
    if (options.find("model") == std::string::npos && options.find('\0') == std::string::npos)
        options += (options.empty() ? "model=" : ":model=") + model.path;
    Bytes bytes(end, std::size_t(data + size - end));
    bytes.byte();
    Graph graph(options, bytes);
    if (!graph.ready())
        return 0;
    for (int i = 0; i < kMostCalls && !bytes.empty(); i++)
        graph.call(bytes);
    if (graph.thrown_away())
        return 0;
    graph.finish(AV_NOPTS_VALUE);
    graph.check_length();
    return 0;
}

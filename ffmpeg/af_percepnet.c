/*
 * SPDX-FileCopyrightText: The percepnet authors
 * SPDX-License-Identifier: BSD-2-Clause OR LGPL-2.1-or-later
 *
 * This file is part of FFmpeg when it is built there, under FFmpeg's own terms.
 */

/**
 * @file
 * Speech enhancement with libpercepnet. One source for FFmpeg 5.1 and later.
 *
 * The engine takes hops of 480 samples and gives each back a few hops later.
 * Every hop inside it waits in a queue with its timestamps, its length, its
 * place in the timeline and the option values of its time, so that output
 * frames are those of the input with nothing added, lost or moved. Where the
 * timestamps jump within a hop it is in parts, which are frames again when it
 * leaves: the engine hears the samples as they follow each other.
 */

#include <percepnet.h>

#include "libavutil/avassert.h"
#include "libavutil/channel_layout.h"
#include "libavutil/common.h"
#include "libavutil/dict.h"
#include "libavutil/mathematics.h"
#include "libavutil/mem.h"
#include "libavutil/opt.h"
#include "libavutil/samplefmt.h"
#include "libavutil/version.h"
#include "libavfilter/version.h"

#include "audio.h"
#include "avfilter.h"
#include "filters.h"
#include "formats.h"
#if LIBAVFILTER_VERSION_INT < AV_VERSION_INT(10, 4, 100)
#include "internal.h"
#endif

#define HOP_SIZE PERCEPNET_HOP_SIZE

/* Jumps of the timestamps, in samples: ignored below the first (containers
 * that count milliseconds), a new signal from the second on. */
#define JUMP_TOLERANCE (PERCEPNET_SAMPLE_RATE / 200)
#define JUMP_RESTART    PERCEPNET_SAMPLE_RATE

typedef struct Hop {
    AVFrame *parts[HOP_SIZE];   ///< input samples and properties
    int nb_parts;               ///< 0: padding after the end
    int nb_samples;             ///< of all parts
    percepnet_params controls;
    int disabled;               ///< by the timeline, for any part
} Hop;

typedef struct PercepNetContext {
    const AVClass *class;

    char *model_path;
    percepnet_params params;    ///< its controls are the options

    percepnet_model *model;
    percepnet_stream **streams; ///< one, or one for each channel if they are independent
    int nb_streams;

    Hop *queue;             ///< ring of the hops inside the engine, and the one that fills
    int queue_size;
    int first;
    int nb_queued;
    int delay;              ///< of the engine, in hops

    int64_t next_pts;       ///< where the input should go on
    int draining;           ///< the signal ended: hops are being padded out
    int status;             ///< of the input link, 0: it goes on after draining
    int64_t status_pts;
} PercepNetContext;

#define OFFSET(x) offsetof(PercepNetContext, x)
#define CONTROL(x) OFFSET(params.x)
#define A  AV_OPT_FLAG_AUDIO_PARAM | AV_OPT_FLAG_FILTERING_PARAM
#define AR A | AV_OPT_FLAG_RUNTIME_PARAM

static const AVOption percepnet_options[] = {
    { "model",        "set the model file, the built-in model is used if unset",             OFFSET(model_path),   AV_OPT_TYPE_STRING, { .str = NULL }, 0, 0, A },
    { "atten_lim",    "set the most attenuation in dB, 100 means no limit",                  CONTROL(attenuation_limit), AV_OPT_TYPE_FLOAT,  { .dbl = 100 }, 0, 100, AR },
    { "mix",          "set the share of the enhanced signal, the rest is the input",         CONTROL(mix),         AV_OPT_TYPE_FLOAT,  { .dbl = 1 }, 0, 1, AR },
    { "post_filter",  "set the strength of the post-filter against residual noise, 0 is off", CONTROL(post_filter), AV_OPT_TYPE_FLOAT,  { .dbl = 0.5 }, 0, 1, AR },
    { "output",       "set the signal to put out",  CONTROL(output),      AV_OPT_TYPE_INT, { .i64 = PERCEPNET_OUTPUT_ENHANCED }, PERCEPNET_OUTPUT_ENHANCED, PERCEPNET_OUTPUT_BYPASS, AR, .unit = "output" },
    {   "enhanced",   "the voice",                  0, AV_OPT_TYPE_CONST, { .i64 = PERCEPNET_OUTPUT_ENHANCED }, 0, 0, AR, .unit = "output" },
    {   "residual",   "what is removed, the input minus the voice", 0, AV_OPT_TYPE_CONST, { .i64 = PERCEPNET_OUTPUT_RESIDUAL }, 0, 0, AR, .unit = "output" },
    {   "bypass",     "the input",                  0, AV_OPT_TYPE_CONST, { .i64 = PERCEPNET_OUTPUT_BYPASS }, 0, 0, AR, .unit = "output" },
    { "channel_mode", "set how channels are treated", CONTROL(channel_mode), AV_OPT_TYPE_INT, { .i64 = PERCEPNET_CHANNELS_LINKED }, PERCEPNET_CHANNELS_LINKED, PERCEPNET_CHANNELS_INDEPENDENT, A, .unit = "channel_mode" },
    {   "linked",     "one set of gains for all channels, the stereo image stays", 0, AV_OPT_TYPE_CONST, { .i64 = PERCEPNET_CHANNELS_LINKED }, 0, 0, A, .unit = "channel_mode" },
    {   "independent", "each channel by itself",    0, AV_OPT_TYPE_CONST, { .i64 = PERCEPNET_CHANNELS_INDEPENDENT }, 0, 0, A, .unit = "channel_mode" },
    { NULL }
};

AVFILTER_DEFINE_CLASS(percepnet);

static const int sample_fmts[]  = { AV_SAMPLE_FMT_FLTP, AV_SAMPLE_FMT_NONE };
static const int sample_rates[] = { PERCEPNET_SAMPLE_RATE, -1 };

#ifdef FILTER_QUERY_FUNC2
static int query_formats(const AVFilterContext *ctx,
                         AVFilterFormatsConfig **cfg_in,
                         AVFilterFormatsConfig **cfg_out)
{
    int ret = ff_set_common_formats_from_list2(ctx, cfg_in, cfg_out, sample_fmts);
    if (ret < 0)
        return ret;

    ret = ff_set_common_all_channel_counts2(ctx, cfg_in, cfg_out);
    if (ret < 0)
        return ret;

    return ff_set_common_samplerates_from_list2(ctx, cfg_in, cfg_out, sample_rates);
}
#else
static int query_formats(AVFilterContext *ctx)
{
    int ret = ff_set_common_formats_from_list(ctx, sample_fmts);
    if (ret < 0)
        return ret;

    ret = ff_set_common_all_channel_counts(ctx);
    if (ret < 0)
        return ret;

    return ff_set_common_samplerates_from_list(ctx, sample_rates);
}
#endif

static int log_error(AVFilterContext *ctx, const percepnet_error *error)
{
    av_log(ctx, AV_LOG_ERROR, "%s.\n", error->message);

    switch (error->status) {
    case PERCEPNET_ERROR_MEMORY: return AVERROR(ENOMEM);
    case PERCEPNET_ERROR_FILE:   return AVERROR(EIO);
    case PERCEPNET_ERROR_MODEL:  return AVERROR_INVALIDDATA;
    default:                     return AVERROR(EINVAL);
    }
}

/* Before the options are set. */
static av_cold int preinit(AVFilterContext *ctx)
{
    PercepNetContext *s = ctx->priv;

    percepnet_params_init(&s->params);
    return 0;
}

static av_cold int init(AVFilterContext *ctx)
{
    PercepNetContext *s = ctx->priv;
    percepnet_error error;

    s->model = percepnet_model_load(s->model_path, &error);
    if (!s->model)
        return log_error(ctx, &error);

    av_log(ctx, AV_LOG_VERBOSE, "libpercepnet %s (%s), model %s, delay %d samples (compensated)\n",
           percepnet_version(), percepnet_simd_level(),
           s->model_path ? s->model_path : "built in", percepnet_model_latency(s->model));

    return 0;
}

static void free_parts(Hop *hop)
{
    for (int i = 0; i < hop->nb_parts; i++)
        av_frame_free(&hop->parts[i]);
    hop->nb_parts = hop->nb_samples = 0;
}

static void free_streams(PercepNetContext *s)
{
    for (int i = 0; i < s->nb_streams; i++)
        percepnet_destroy(s->streams[i]);
    av_freep(&s->streams);
    s->nb_streams = 0;

    for (int i = 0; i < s->queue_size; i++)
        free_parts(&s->queue[i]);
    av_freep(&s->queue);
    s->queue_size = 0;
}

static av_cold void uninit(AVFilterContext *ctx)
{
    PercepNetContext *s = ctx->priv;

    free_streams(s);
    percepnet_model_unref(s->model);
    s->model = NULL;
}

static int config_input(AVFilterLink *inlink)
{
    AVFilterContext *ctx = inlink->dst;
    PercepNetContext *s = ctx->priv;
    const int channels = inlink->ch_layout.nb_channels;
    const int independent = s->params.channel_mode == PERCEPNET_CHANNELS_INDEPENDENT;
    const int nb_streams = independent ? channels : 1;
    percepnet_params params = s->params;
    percepnet_error error;

    free_streams(s);

    params.sample_rate = inlink->sample_rate;
    params.channels    = independent ? 1 : channels;
    params.block_size  = HOP_SIZE;
    params.model       = s->model;

    s->streams = av_calloc(nb_streams, sizeof(*s->streams));
    if (!s->streams)
        return AVERROR(ENOMEM);
    for (; s->nb_streams < nb_streams; s->nb_streams++) {
        s->streams[s->nb_streams] = percepnet_create(&params, &error);
        if (!s->streams[s->nb_streams])
            return log_error(ctx, &error);
    }

    s->delay = percepnet_latency(s->streams[0]) / HOP_SIZE;
    s->queue = av_calloc(s->delay + 1, sizeof(*s->queue));
    if (!s->queue)
        return AVERROR(ENOMEM);
    s->queue_size = s->delay + 1;
    s->first      = 0;
    s->nb_queued  = 0;
    s->next_pts   = AV_NOPTS_VALUE;

    return 0;
}

static int64_t samples_to_pts(const AVFilterLink *link, int nb_samples)
{
    return av_rescale_q(nb_samples, (AVRational){ 1, link->sample_rate }, link->time_base);
}

static int64_t end_pts(const AVFilterLink *link, const AVFrame *frame)
{
    if (frame->pts == AV_NOPTS_VALUE)
        return AV_NOPTS_VALUE;
    return av_sat_add64(frame->pts, samples_to_pts(link, frame->nb_samples));
}

/* How many samples of time are skipped or repeated before the frame. */
static int64_t jump_before(const AVFilterLink *link, const AVFrame *frame, int64_t expected)
{
    int64_t jump;

    if (frame->pts == AV_NOPTS_VALUE || expected == AV_NOPTS_VALUE)
        return 0;

    /* INT64_MIN is what av_rescale_q() gives for what it cannot hold */
    jump = av_rescale_q(av_sat_sub64(frame->pts, expected), link->time_base,
                        (AVRational){ 1, link->sample_rate });
    return jump == INT64_MIN ? INT64_MAX : FFABS(jump);
}

/* Frames without samples at the head: nothing would ever consume them. */
static int drop_empty_frames(AVFilterLink *inlink)
{
    AVFrame *frame;
    int ret;

    while (ff_inlink_queued_frames(inlink) && !ff_inlink_peek_frame(inlink, 0)->nb_samples) {
        ret = ff_inlink_consume_frame(inlink, &frame);
        if (ret < 0)
            return ret;
        av_frame_free(&frame);
    }
    return 0;
}

static Hop *filling_hop(PercepNetContext *s)
{
    return &s->queue[(s->first + s->nb_queued) % s->queue_size];
}

/* Take what is next of the hop that fills: up to its end, or to a jump. */
static int consume_part(AVFilterLink *inlink, AVFrame **in)
{
    PercepNetContext *s = inlink->dst->priv;
    const int room   = HOP_SIZE - filling_hop(s)->nb_samples;
    int64_t expected = s->next_pts;
    size_t nb_frames;
    int nb_samples = 0, ret;

    ret = drop_empty_frames(inlink);
    if (ret < 0)
        return ret;

    nb_frames = ff_inlink_queued_frames(inlink);
    for (size_t i = 0; i < nb_frames && nb_samples < room; i++) {
        const AVFrame *frame = ff_inlink_peek_frame(inlink, i);
        const int64_t jump = jump_before(inlink, frame, expected);

        if (!i && jump >= JUMP_RESTART) {
            s->draining = 1;
            return 0;
        }
        if (nb_samples && jump > JUMP_TOLERANCE)
            break;
        nb_samples += frame->nb_samples;
        expected    = end_pts(inlink, frame);
        if (i == nb_frames - 1)
            nb_samples = room;
    }
    nb_samples = av_clip(nb_samples, 1, room);

    ret = ff_inlink_consume_samples(inlink, nb_samples, nb_samples, in);
    if (ret > 0)
        s->next_pts = end_pts(inlink, *in);
    return ret;
}

/*
 * Set the controls for the hop that leaves next. The engine fades from one hop
 * to the next; around a stretch that the timeline disables the fades go into
 * the enabled hops, so that the disabled ones are the input bit for bit.
 */
static void set_controls(PercepNetContext *s)
{
    const Hop *hop  = &s->queue[s->first];
    const Hop *next = &s->queue[(s->first + 1) % s->queue_size];
    const int next_disabled = s->nb_queued > 1 && next->nb_parts && next->disabled;
    percepnet_params controls = hop->controls;

    if (hop->disabled || next_disabled)
        controls.output = PERCEPNET_OUTPUT_BYPASS;
    for (int i = 0; i < s->nb_streams; i++)
        percepnet_set_controls(s->streams[i], &controls);
}

typedef struct ThreadData {
    const AVFrame *in;
    AVFrame *out;
} ThreadData;

static int process_streams(AVFilterContext *ctx, void *arg, int jobnr, int nb_jobs)
{
    PercepNetContext *s = ctx->priv;
    const ThreadData *td = arg;
    const int start = s->nb_streams *  jobnr      / nb_jobs;
    const int end   = s->nb_streams * (jobnr + 1) / nb_jobs;

    for (int i = start; i < end; i++) {
        const percepnet_status status =
            percepnet_process(s->streams[i], (const float *const *)&td->in->extended_data[i],
                              (float *const *)&td->out->extended_data[i], HOP_SIZE);
        av_assert0(status == PERCEPNET_OK); /* what it refuses is ruled out by config_input() */
    }

    return 0;
}

static int process(AVFilterContext *ctx, const AVFrame *in, AVFrame *out)
{
    PercepNetContext *s = ctx->priv;
    ThreadData td = { .in = in, .out = out };
    const int nb_jobs = FFMIN(s->nb_streams, ff_filter_get_nb_threads(ctx));

    set_controls(s);
    return ff_filter_execute(ctx, process_streams, &td, NULL, nb_jobs);
}

/* The samples of a hop in one frame, with silence up to its end. */
static AVFrame *join_parts(AVFilterLink *link, const Hop *hop)
{
    AVFrame *joined = ff_get_audio_buffer(link, HOP_SIZE);
    const int channels = link->ch_layout.nb_channels;
    int nb_samples = 0;

    if (!joined)
        return NULL;
    for (int i = 0; i < hop->nb_parts; i++) {
        av_samples_copy(joined->extended_data, hop->parts[i]->extended_data, nb_samples, 0,
                        hop->parts[i]->nb_samples, channels, AV_SAMPLE_FMT_FLTP);
        nb_samples += hop->parts[i]->nb_samples;
    }
    av_samples_set_silence(joined->extended_data, nb_samples, HOP_SIZE - nb_samples,
                           channels, AV_SAMPLE_FMT_FLTP);
    return joined;
}

static void set_value(AVFrame *frame, const char *prefix, const char *name, float value)
{
    char key[64], text[32];

    snprintf(key,  sizeof(key),  "lavfi.percepnet.%s%s", prefix, name);
    snprintf(text, sizeof(text), "%.3f", value);
    av_dict_set(&frame->metadata, key, text, 0);
}

static void set_readout(AVFrame *frame, const char *prefix, const percepnet_readout *readout)
{
    set_value(frame, prefix, "voice_probability", readout->voice_probability);
    set_value(frame, prefix, "snr",               readout->snr_db);
    set_value(frame, prefix, "gain",              readout->gain_db);
}

/* Without a channel number: the channel that most likely has a voice. */
static void set_metadata(PercepNetContext *s, AVFrame *frame)
{
    percepnet_readout readout;
    char prefix[16];

    for (int i = 0; s->nb_streams > 1 && i < s->nb_streams; i++) {
        percepnet_get_readout(s->streams[i], 0, &readout);
        snprintf(prefix, sizeof(prefix), "%d.", i + 1);
        set_readout(frame, prefix, &readout);
    }
    if (percepnet_get_loudest_voice(s->streams, s->nb_streams, &readout) == PERCEPNET_OK)
        set_readout(frame, "", &readout);
}

/* Samples of out, from start on. */
static AVFrame *cut_part(AVFilterLink *link, const AVFrame *out, int start, int nb_samples)
{
    AVFrame *frame = ff_get_audio_buffer(link, nb_samples);

    if (frame)
        av_samples_copy(frame->extended_data, out->extended_data, 0, start,
                        nb_samples, link->ch_layout.nb_channels, AV_SAMPLE_FMT_FLTP);
    return frame;
}

/* Send a frame as the part of the input that it was. Takes the frame, NULL: no memory. */
static int output_part(AVFilterContext *ctx, AVFrame *frame, const AVFrame *part, int disabled)
{
    const int ret = frame ? av_frame_copy_props(frame, part) : AVERROR(ENOMEM);

    if (ret < 0) {
        av_frame_free(&frame);
        return ret;
    }
    frame->nb_samples = part->nb_samples;
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
    frame->duration = samples_to_pts(ctx->outputs[0], frame->nb_samples);
#endif
    if (!disabled)
        set_metadata(ctx->priv, frame);

    return ff_filter_frame(ctx->outputs[0], frame);
}

/* Takes out. */
static int output_hop(AVFilterContext *ctx, AVFrame *out)
{
    PercepNetContext *s = ctx->priv;
    Hop *hop = &s->queue[s->first];
    int start = 0, ret = 0;

    s->first = (s->first + 1) % s->queue_size;
    s->nb_queued--;

    for (int i = 0; i < hop->nb_parts && ret >= 0; i++) {
        const AVFrame *part = hop->parts[i];
        AVFrame *frame = out;

        if (hop->nb_parts > 1)
            frame = cut_part(ctx->outputs[0], out, start, part->nb_samples);
        else
            out = NULL;
        ret = output_part(ctx, frame, part, hop->disabled);
        start += part->nb_samples;
    }
    av_frame_free(&out);
    free_parts(hop);
    return ret;
}

/* Put the hop that fills into the engine, and send the one that leaves. */
static int filter_hop(AVFilterContext *ctx)
{
    AVFilterLink *outlink = ctx->outputs[0];
    PercepNetContext *s = ctx->priv;
    Hop *hop = filling_hop(s);
    const int whole = hop->nb_parts == 1 && hop->nb_samples == HOP_SIZE;
    AVFrame *joined = whole ? NULL : join_parts(outlink, hop);
    AVFrame *out    = ff_get_audio_buffer(outlink, HOP_SIZE);
    int ret = AVERROR(ENOMEM);

    if (out && (whole || joined)) {
        s->nb_queued++;
        ret = process(ctx, whole ? hop->parts[0] : joined, out);
        if (ret < 0)
            s->nb_queued--;
    }
    av_frame_free(&joined);
    if (ret < 0)
        free_parts(hop);

    if (ret < 0 || s->nb_queued <= s->delay) {
        av_frame_free(&out);
        return ret;
    }
    return output_hop(ctx, out);
}

/* Into the hop that fills, which goes on when it is full. */
static int add_part(AVFilterContext *ctx, AVFrame *in)
{
    PercepNetContext *s = ctx->priv;
    Hop *hop = filling_hop(s);

    if (!hop->nb_parts) {
        hop->controls = s->params;
        hop->disabled = 0;
    }
    hop->disabled |= ctx->is_disabled;
    hop->nb_samples += in->nb_samples;
    hop->parts[hop->nb_parts++] = in;

    return hop->nb_samples < HOP_SIZE ? 0 : filter_hop(ctx);
}

/*
 * Send what is left, and the end, as they are asked for: amix loses what comes
 * all at once, and the last hop if the end comes with it.
 * Padding follows the last frame in the queue: nothing is left when it leads.
 */
static int drain(AVFilterContext *ctx)
{
    PercepNetContext *s = ctx->priv;

    if (!ff_outlink_frame_wanted(ctx->outputs[0]))
        return FFERROR_NOT_READY;

    if (filling_hop(s)->nb_parts || (s->nb_queued && s->queue[s->first].nb_parts)) {
        ff_filter_set_ready(ctx, 100);
        return filter_hop(ctx);
    }

    for (int i = 0; i < s->nb_streams; i++)
        percepnet_reset(s->streams[i]);
    s->nb_queued = 0;
    s->next_pts  = AV_NOPTS_VALUE;

    if (s->status) {
        ff_outlink_set_status(ctx->outputs[0], s->status, s->status_pts);
    } else {
        s->draining = 0;
        ff_filter_set_ready(ctx, 100);
    }
    return 0;
}

static int activate(AVFilterContext *ctx)
{
    AVFilterLink *inlink  = ctx->inputs[0];
    AVFilterLink *outlink = ctx->outputs[0];
    PercepNetContext *s = ctx->priv;
    AVFrame *in = NULL;
    int ret;

    FF_FILTER_FORWARD_STATUS_BACK(outlink, inlink);

    if (!s->draining) {
        ret = consume_part(inlink, &in);
        if (ret < 0)
            return ret;
        if (ret > 0) {
            ff_filter_set_ready(ctx, 100);
            return add_part(ctx, in);
        }
        if (ff_inlink_acknowledge_status(inlink, &s->status, &s->status_pts))
            s->draining = 1;
    }
    if (s->draining)
        return drain(ctx);

    FF_FILTER_FORWARD_WANTED(outlink, inlink);

    return FFERROR_NOT_READY;
}

static const AVFilterPad percepnet_inputs[] = {
    {
        .name         = "default",
        .type         = AVMEDIA_TYPE_AUDIO,
        .config_props = config_input,
    },
};

static const AVFilterPad percepnet_outputs[] = {
    {
        .name = "default",
        .type = AVMEDIA_TYPE_AUDIO,
    },
};

#define DESCRIPTION NULL_IF_CONFIG_SMALL("Remove noise and reverberation from speech with PercepNet.")
#define FLAGS AVFILTER_FLAG_SUPPORT_TIMELINE_INTERNAL | AVFILTER_FLAG_SLICE_THREADS

#if LIBAVFILTER_VERSION_MAJOR >= 11
const FFFilter ff_af_percepnet = {
    .p.name          = "percepnet",
    .p.description   = DESCRIPTION,
    .p.priv_class    = &percepnet_class,
    .p.flags         = FLAGS,
#else
const AVFilter ff_af_percepnet = {
    .name            = "percepnet",
    .description     = DESCRIPTION,
    .priv_class      = &percepnet_class,
    .flags           = FLAGS,
#endif
    .priv_size       = sizeof(PercepNetContext),
    .preinit         = preinit,
    .init            = init,
    .uninit          = uninit,
    .activate        = activate,
    FILTER_INPUTS(percepnet_inputs),
    FILTER_OUTPUTS(percepnet_outputs),
#ifdef FILTER_QUERY_FUNC2
    FILTER_QUERY_FUNC2(query_formats),
#else
    FILTER_QUERY_FUNC(query_formats),
#endif
    .process_command = ff_filter_process_command,
};

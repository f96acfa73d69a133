// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
/**
 * @file percepnet.h
 * @brief Real-time speech enhancement: noise and reverberation out, the voice kept.
 *
 * This header is the manual of libpercepnet. It is plain C (C99) and the only public interface.
 *
 * @section use In short
 * @code
 *   percepnet_error error;
 *   percepnet_params params;
 *   percepnet_params_init(&params);             // 48 kHz, one channel, the built-in model
 *   params.channels = 2;
 *   percepnet_stream *stream = percepnet_create(&params, &error);
 *   if (!stream) { fprintf(stderr, "%s\n", error.message); return 1; }
 *   while (read_block(in, n))                   // planar float in [-1, 1], any n
 *       percepnet_process(stream, in, out, n), write_block(out, n);
 *   while ((n = percepnet_flush(stream, out, capacity)) > 0) write_block(out, n);
 *   percepnet_destroy(stream);
 * @endcode
 *
 * @section signal Signal
 * - 48000 Hz only: resample before and after (FFmpeg and GStreamer do it for their filters).
 * - 32-bit float, nominal range [-1, 1], planar: one pointer for each channel.
 * - For an input within [-1, 1] the output is clipped to it; beyond, to the input's own peak. The
 *   residual is not: it is the exact difference, and may reach beyond.
 * - NaN, infinity and samples beyond +-1000 are bad samples: a line is drawn across a few of them,
 *   more become silence (or the offset, if there is one). The output is always finite, and clean
 *   again at most 10 hops (100 ms) after the last bad sample.
 * - A constant offset (beyond 0.004) is kept out of the estimate and of the enhanced signal.
 *
 * @section latency Latency and length
 * The engine works in hops of 480 samples (10 ms). Every percepnet_process() call returns as many
 * samples as it was given; sample i of the output belongs to sample i - percepnet_latency() of the
 * input. To get a file of the same length with no lag: drop the first percepnet_latency() samples
 * of the output and append what percepnet_flush() returns.
 *
 * The latency is that of the model (percepnet_model_latency(): 1440 samples = 30 ms for the default
 * model; 480 * (look-ahead + 1) in general) plus the hop framing: 480 - gcd(block_size, 480)
 * samples. A caller whose blocks are always multiples of 480 says so in percepnet_params and pays
 * no framing; one that promises nothing (block_size 0) pays 479 samples and may pass any size.
 *
 * How the input is cut into blocks never changes the output, bit for bit.
 *
 * @section threads Threads
 * - A model is immutable after loading and may be shared by any number of streams and threads.
 * - A stream belongs to one thread at a time: create, process, flush, reset and destroy must not
 *   run at the same time on one stream.
 * - No call starts a thread but percepnet_process_bulk(), which ends it before it returns.
 * - Setters, getters and percepnet_get_readout() may be called from any thread at any time; they
 *   are lock-free. A setting takes effect at the next hop, with a fade of one hop (no click).
 *
 * @section realtime Real-time safety
 * percepnet_process(), percepnet_process_many(), percepnet_flush(), percepnet_reset(), setters and
 * getters neither allocate, lock, log, throw nor make system calls, and their cost does not depend
 * on the signal. Loading models, creating and destroying streams and percepnet_process_bulk() do
 * allocate.
 *
 * @section errors Errors
 * Nothing aborts and no exception leaves the library. Functions that create something return NULL
 * on failure and fill the percepnet_error that they were given (NULL: not wanted): a code, and a
 * sentence in English that says what was wrong and what to do. The others return a
 * percepnet_status; percepnet_status_text() gives its sentence.
 *
 * Based on: J.-M. Valin et al., "A Perceptually-Motivated Approach for Low-Complexity, Real-Time
 * Enhancement of Fullband Speech", Interspeech 2020 (arXiv 2008.04259).
 */
#ifndef PERCEPNET_PERCEPNET_H
#define PERCEPNET_PERCEPNET_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(PERCEPNET_STATIC)
#define PERCEPNET_API
#elif defined(_WIN32) && defined(PERCEPNET_BUILDING)
#define PERCEPNET_API __declspec(dllexport)
#elif defined(_WIN32)
#define PERCEPNET_API __declspec(dllimport)
#elif defined(__GNUC__)
#define PERCEPNET_API __attribute__((visibility("default")))
#else
#define PERCEPNET_API
#endif

/** Sampling rate that the engine works at, in Hz. */
#define PERCEPNET_SAMPLE_RATE 48000
/** Samples in a hop (10 ms): the engine's grain. */
#define PERCEPNET_HOP_SIZE 480
/** Most channels that one stream takes. */
#define PERCEPNET_MAX_CHANNELS 64

/** Result of a call: 0 is success, errors are negative. */
typedef enum percepnet_status {
    PERCEPNET_OK = 0,
    /** An argument is out of its range or NULL where it must not be. */
    PERCEPNET_ERROR_ARGUMENT = -1,
    /** Out of memory. */
    PERCEPNET_ERROR_MEMORY = -2,
    /** A file could not be opened or read. */
    PERCEPNET_ERROR_FILE = -3,
    /** The data is not a percepnet model, is truncated or damaged, or needs a newer library. */
    PERCEPNET_ERROR_MODEL = -4,
    /** percepnet_process(): the block is no multiple of the block_size that was promised. */
    PERCEPNET_ERROR_BLOCK_SIZE = -5,
} percepnet_status;

/** What went wrong, for people: filled by the functions that create things. */
typedef struct percepnet_error {
    percepnet_status status; /**< PERCEPNET_OK when nothing went wrong. */
    char message[512];       /**< One sentence, UTF-8, always terminated; empty on success. */
} percepnet_error;

/** Which signal a stream puts out. All have the same latency. */
typedef enum percepnet_output {
    PERCEPNET_OUTPUT_ENHANCED = 0, /**< The voice (default). */
    PERCEPNET_OUTPUT_RESIDUAL = 1, /**< What is removed: delayed input minus enhanced. */
    PERCEPNET_OUTPUT_BYPASS = 2,   /**< The delayed input, equal in value: denormals (below
                                    1.2e-38) become 0, and bad samples are repaired. */
} percepnet_output;

/** How the channels of a stream are treated. */
typedef enum percepnet_channel_mode {
    /** One set of gains for all channels from their joint estimate: the image stays (default). */
    PERCEPNET_CHANNELS_LINKED = 0,
    /** Each channel by itself: for microphones of different people. Costs N times the network. */
    PERCEPNET_CHANNELS_INDEPENDENT = 1,
} percepnet_channel_mode;

/** A network with its parameters: immutable, reference-counted, shared between streams. */
typedef struct percepnet_model percepnet_model;

/** One enhancement stream of 1 to 64 channels. */
typedef struct percepnet_stream percepnet_stream;

/* ---- Library ------------------------------------------------------------------------------- */

/** @return the library's version, "MAJOR.MINOR.PATCH"; static. Any thread. */
PERCEPNET_API const char *percepnet_version(void);

/** @return a sentence for a status; static, never NULL. Any thread. */
PERCEPNET_API const char *percepnet_status_text(percepnet_status status);

/** @return the instruction set of the kernels in use, e.g. "avx2"; static. Any thread. */
PERCEPNET_API const char *percepnet_simd_level(void);

/* ---- Models -------------------------------------------------------------------------------- */

/**
 * The model that is built into the library. Parsed at the first call, shared afterwards.
 * @return a new reference, or NULL (out of memory). Any thread; allocates.
 */
PERCEPNET_API percepnet_model *percepnet_model_default(percepnet_error *error);

/**
 * Load a model file (safetensors with percepnet metadata, docs/model-format.md).
 * Every shape and offset is checked; the file is not needed afterwards.
 * @param path file name, UTF-8
 * @return a new reference, or NULL: PERCEPNET_ERROR_FILE or PERCEPNET_ERROR_MODEL with the reason.
 *         Any thread; allocates.
 */
PERCEPNET_API percepnet_model *percepnet_model_open(const char *path, percepnet_error *error);

/** percepnet_model_open(), or percepnet_model_default() if path is NULL or empty: what an option
    "model file" asks for. */
PERCEPNET_API percepnet_model *percepnet_model_load(const char *path, percepnet_error *error);

/** As percepnet_model_open(), from memory. The data is copied. */
PERCEPNET_API percepnet_model *percepnet_model_from_memory(const void *data, size_t size,
                                                           percepnet_error *error);

/** Take another reference. @return model. Any thread, lock-free. */
PERCEPNET_API percepnet_model *percepnet_model_ref(percepnet_model *model);

/** Give a reference back; the last one frees the model. NULL is allowed. Any thread. */
PERCEPNET_API void percepnet_model_unref(percepnet_model *model);

/** @return 480 * (look-ahead + 1): the engine's own delay in samples with this model. */
PERCEPNET_API int percepnet_model_latency(const percepnet_model *model);

/** @return the number of weights and biases. */
PERCEPNET_API size_t percepnet_model_parameters(const percepnet_model *model);

/**
 * An entry of the model's metadata (name, version, licences, training run ...).
 * @return the value, valid as long as the model, or NULL if there is no such key.
 */
PERCEPNET_API const char *percepnet_model_metadata(const percepnet_model *model, const char *key);

/** @return the key number index of the metadata, sorted; NULL past the last one. */
PERCEPNET_API const char *percepnet_model_metadata_key(const percepnet_model *model, size_t index);

/* ---- Streams ------------------------------------------------------------------------------- */

/** How to make a stream. Fill with percepnet_params_init(), then change what should differ. */
typedef struct percepnet_params {
    size_t size;            /**< sizeof(percepnet_params); set by percepnet_params_init(). */
    int sample_rate;        /**< Hz; must be 48000 (default 48000). */
    int channels;           /**< 1..64 (default 1). */
    int block_size;         /**< Promise that every block is a multiple of this, 0 or >= 1; 0: none.
                                 Sets the hop framing, see "Latency" (default 0). */
    percepnet_model *model; /**< The stream takes its own reference; NULL: built in (default). */
    percepnet_channel_mode channel_mode; /**< Default PERCEPNET_CHANNELS_LINKED. */
    percepnet_output output;             /**< Default PERCEPNET_OUTPUT_ENHANCED. */
    float attenuation_limit; /**< Most attenuation, dB, 0..100; 100: no limit (default 100). */
    float mix;               /**< Share of the enhanced signal, 0 (dry) .. 1 (default 1). */
    float post_filter;       /**< Strength of the post-filter, 0..1 (default 0.5). */
} percepnet_params;

/** Fill params with the defaults. Any thread. */
PERCEPNET_API void percepnet_params_init(percepnet_params *params);

/**
 * Make a stream.
 * @param params NULL: all defaults
 * @return the stream, or NULL with PERCEPNET_ERROR_ARGUMENT, _MEMORY or _MODEL. Allocates.
 */
PERCEPNET_API percepnet_stream *percepnet_create(const percepnet_params *params,
                                                 percepnet_error *error);

/** Free a stream. NULL is allowed. */
PERCEPNET_API void percepnet_destroy(percepnet_stream *stream);

/**
 * Enhance one block.
 * @param in,out one pointer for each channel to frames samples; out[c] may be in[c] (in place),
 *        partial overlap is not allowed
 * @param frames samples in each channel, 0 allowed; a multiple of params.block_size if one is given
 * @return PERCEPNET_OK, or PERCEPNET_ERROR_ARGUMENT or _BLOCK_SIZE and nothing is consumed.
 * The stream's thread. Real-time safe.
 */
PERCEPNET_API percepnet_status percepnet_process(percepnet_stream *stream, const float *const *in,
                                                 float *const *out, size_t frames);

/**
 * Enhance one block of each of several streams: what a server with many calls wants. The output of
 * each is, bit for bit, what percepnet_process() gives; but hops that become full in the same call
 * go through the network together, so that its weights stay in the nearest cache. Streams may have
 * different channels, settings and models; those of one model profit.
 * @param streams count different streams
 * @param in,out for each stream what percepnet_process() takes: in[s][c], out[s][c]. An input may
 *        serve several streams; an output may be the input of its own stream only.
 * @param frames samples in each channel of every stream
 * @return PERCEPNET_OK, or an error as of percepnet_process() or PERCEPNET_ERROR_ARGUMENT for a
 *         stream that is there twice or a count below 0; then no stream has consumed anything.
 * The one thread that all these streams belong to during the call. Real-time safe.
 */
PERCEPNET_API percepnet_status percepnet_process_many(percepnet_stream *const *streams, int count,
                                                      const float *const *const *in,
                                                      float *const *const *out, size_t frames);

/**
 * Enhance a long block on several threads: what a program wants that has a whole recording. The
 * output is, bit for bit, what percepnet_process() gives, whatever the number of threads, and the
 * two may be mixed. The hops go through the stages of the engine (analysis, layers of the network,
 * synthesis) as through a pipeline, each stage on whichever thread is free; independent channels
 * go beside each other too. Some 2 s in a call and more are worth it. All of the call's threads
 * have ended when it returns. Settings are read for each 8 hops or fewer.
 * @param in,out,frames as percepnet_process() takes them, in place too
 * @param threads how many shall work, this one among them; 1: start none; 0: as many as there are
 *        processors for this program. Those that the system does not start are not missed.
 * @return as percepnet_process(); PERCEPNET_ERROR_ARGUMENT for threads below 0,
 *         PERCEPNET_ERROR_MEMORY: nothing is consumed either.
 * The stream's thread. Not real-time safe: allocates (about 0.5 MB for each channel with two
 * threads, 2 MB with many), starts threads, waits for them.
 */
PERCEPNET_API percepnet_status percepnet_process_bulk(percepnet_stream *stream,
                                                      const float *const *in, float *const *out,
                                                      size_t frames, int threads);

/**
 * Get the tail at the end of the signal: percepnet_latency() samples in all, in as many calls as
 * wanted. After the call with room that returns 0 the stream is as after percepnet_reset(). A
 * percepnet_process() before that one does the same: the rest of the tail is thrown away, and a new
 * signal begins.
 * @param out one pointer for each channel to room for capacity samples
 * @return the samples written to each channel; 0 when there are no more. With a capacity of 0 or an
 *         argument that is NULL nothing happens, and it is 0 too: the signal has not ended then.
 * The stream's thread. Real-time safe.
 */
PERCEPNET_API size_t percepnet_flush(percepnet_stream *stream, float *const *out, size_t capacity);

/** Forget the signal: the stream is again, bit for bit, as new with its present settings. */
PERCEPNET_API void percepnet_reset(percepnet_stream *stream);

/** @return the constant delay of this stream in samples: the model's plus the hop framing. */
PERCEPNET_API int percepnet_latency(const percepnet_stream *stream);

/** @return the number of channels. */
PERCEPNET_API int percepnet_channels(const percepnet_stream *stream);

/* ---- Controls: any thread, lock-free, smooth ------------------------------------------------ */

/** The controls of a stream; later versions may add some, never renumber them. */
typedef enum percepnet_control_id {
    PERCEPNET_CONTROL_ATTENUATION_LIMIT,
    PERCEPNET_CONTROL_MIX,
    PERCEPNET_CONTROL_POST_FILTER,
    PERCEPNET_CONTROL_OUTPUT,
    PERCEPNET_CONTROL_CHANNEL_MODE,
    PERCEPNET_CONTROL_COUNT, /**< Of this header; the library's is percepnet_control_count(). */
} percepnet_control_id;

/** One value of a control that is a choice. */
typedef struct percepnet_choice {
    const char *name;        /**< "enhanced" */
    const char *description; /**< What it is, without a full stop. */
} percepnet_choice;

/** What there is to know about a control, for programs that offer all of them. Static data. */
typedef struct percepnet_control {
    percepnet_control_id id;
    size_t field;           /**< Offset in percepnet_params. */
    const char *name;       /**< Words of a..z joined by '-': "attenuation-limit". */
    const char *title;      /**< For people: "Attenuation limit". */
    const char *unit;       /**< "dB", or "" for none. */
    float minimum, maximum; /**< Whole numbers. */
    float default_value;    /**< What percepnet_params_init() sets. */
    int live;               /**< 1: may change while the stream runs; 0: set at creation. */
    const percepnet_choice
        *choices;            /**< One for each whole number of the range; NULL: any number. */
    const char *legend;      /**< What single values mean: "0: off, 1: full"; or "". */
    const char *description; /**< What it does: one sentence without the full stop. */
} percepnet_control;

/** @return the number of controls that this library has. */
PERCEPNET_API int percepnet_control_count(void);

/** @return control number id, 0 .. percepnet_control_count() - 1; NULL for any other. */
PERCEPNET_API const percepnet_control *percepnet_control_info(int id);

/**
 * Set a control by its id. Values are clamped to the range; for a choice the nearest one is taken.
 * @return PERCEPNET_OK, or PERCEPNET_ERROR_ARGUMENT for NaN, an unknown id, or a control that is
 * not live. Real-time safe.
 */
PERCEPNET_API percepnet_status percepnet_set_control(percepnet_stream *stream, int id, float value);

/** @return the value of a control, live or not; 0 for an unknown id. Real-time safe. */
PERCEPNET_API float percepnet_get_control(const percepnet_stream *stream, int id);

/** Set all live controls to those in params, each as percepnet_set_control() does; those that are
    NaN stay. @return PERCEPNET_OK, or PERCEPNET_ERROR_ARGUMENT: NULL, or params.size is wrong
    (percepnet_params_init() sets it). Real-time safe. */
PERCEPNET_API percepnet_status percepnet_set_controls(percepnet_stream *stream,
                                                      const percepnet_params *params);

/** As percepnet_set_control(), live or not, in parameters before a stream is made of them. */
PERCEPNET_API percepnet_status percepnet_params_set_control(percepnet_params *params, int id,
                                                            float value);

/** @return the value of a control in params; 0 for an unknown id. */
PERCEPNET_API float percepnet_params_get_control(const percepnet_params *params, int id);

/* The same by name, with the types of the fields of percepnet_params. */

/** Most attenuation in dB, 0..100, clamped; 100 means no limit. NaN is refused. */
PERCEPNET_API percepnet_status percepnet_set_attenuation_limit(percepnet_stream *stream, float db);
PERCEPNET_API float percepnet_get_attenuation_limit(const percepnet_stream *stream);

/** Share of the enhanced signal, 0 (the delayed input) .. 1, clamped. NaN is refused. */
PERCEPNET_API percepnet_status percepnet_set_mix(percepnet_stream *stream, float mix);
PERCEPNET_API float percepnet_get_mix(const percepnet_stream *stream);

/** Strength of the post-filter (paper section 3.5), 0..1, clamped; up to 0.5 it lowers what noise
    is left between words only. NaN is refused. */
PERCEPNET_API percepnet_status percepnet_set_post_filter(percepnet_stream *stream, float strength);
PERCEPNET_API float percepnet_get_post_filter(const percepnet_stream *stream);

/** What to put out. */
PERCEPNET_API percepnet_status percepnet_set_output(percepnet_stream *stream,
                                                    percepnet_output output);
PERCEPNET_API percepnet_output percepnet_get_output(const percepnet_stream *stream);

/* ---- Readouts: any thread, lock-free -------------------------------------------------------- */

/** What the engine thinks of the hop that it put out last. */
typedef struct percepnet_readout {
    float voice_probability; /**< 0..1 */
    float snr_db;            /**< Estimated signal-to-noise ratio, dB, -30..60. */
    float gain_db;           /**< Mean gain applied to the hop's energy, dB, -100..10. */
} percepnet_readout;

/** Of one channel (linked: the same for all). @return PERCEPNET_OK or PERCEPNET_ERROR_ARGUMENT. */
PERCEPNET_API percepnet_status percepnet_get_readout(const percepnet_stream *stream, int channel,
                                                     percepnet_readout *readout);

/**
 * Of all channels of one or several streams, that which most likely has a voice.
 * @param streams count streams, in any mode
 * @return PERCEPNET_OK, or PERCEPNET_ERROR_ARGUMENT: NULL, or count below 1.
 */
PERCEPNET_API percepnet_status percepnet_get_loudest_voice(percepnet_stream *const *streams,
                                                           int count, percepnet_readout *readout);

/* ---- Inside: the stream's thread ------------------------------------------------------------ */

/** Bands that gains and strengths are given for. */
#define PERCEPNET_BANDS 34

/** What the engine did to the hop that it put out last, band by band; for displays. */
typedef struct percepnet_bands {
    float pitch_hz;                  /**< 62.5..500; means little where pitch_correlation is low. */
    float pitch_correlation;         /**< How periodic the frame is, 0..1. */
    float gain[PERCEPNET_BANDS];     /**< Of the amplitude, after the post-filter, from 0 on. */
    float strength[PERCEPNET_BANDS]; /**< Share of the comb filter at the pitch, 0..1. */
} percepnet_bands;

/** @return the centre of a band in Hz, 0 .. 20000; 0 for an unknown one. Any thread. */
PERCEPNET_API float percepnet_band_hz(int band);

/**
 * Of one channel (linked: the same for all), before mix and attenuation limit.
 * @return PERCEPNET_OK or PERCEPNET_ERROR_ARGUMENT. The stream's thread. Real-time safe.
 */
PERCEPNET_API percepnet_status percepnet_get_bands(const percepnet_stream *stream, int channel,
                                                   percepnet_bands *bands);

#ifdef __cplusplus
}
#endif

#endif /* PERCEPNET_PERCEPNET_H */

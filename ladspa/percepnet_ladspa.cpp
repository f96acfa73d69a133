// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// LADSPA plug-ins percepnet_mono and percepnet_stereo (linked gains). 48 kHz, as their names say;
// at other rates the audio passes unchanged and the output port "Working" is 0: a resampler that
// never allocates would be an engine of its own, and hosts resample whole graphs better. The delay
// is on the output port "latency", which hosts look for.
#include <ladspa.h>
#include <percepnet/percepnet.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <new>

namespace {

enum Control {
    kAttenuationLimit,
    kMix,
    kPostFilter,
    kOutput,
    kVoiceProbability,
    kWorking,
    kLatency,
    kControls
};

struct ControlPort {
    LADSPA_PortDescriptor direction;
    const char *name;
    LADSPA_PortRangeHint hint;
};

constexpr int kBounded = LADSPA_HINT_BOUNDED_BELOW | LADSPA_HINT_BOUNDED_ABOVE;
constexpr std::array<ControlPort, kControls> kControlPorts = {{
    {LADSPA_PORT_INPUT,
     "Attenuation limit (dB, 100: none)",
     {kBounded | LADSPA_HINT_DEFAULT_100, 0, 100}},
    {LADSPA_PORT_INPUT, "Mix (0: input, 1: enhanced)", {kBounded | LADSPA_HINT_DEFAULT_1, 0, 1}},
    {LADSPA_PORT_INPUT, "Post-filter (0: off, 1: full)", {kBounded | LADSPA_HINT_DEFAULT_1, 0, 1}},
    {LADSPA_PORT_INPUT,
     "Output (0: enhanced, 1: residual, 2: bypass)",
     {kBounded | LADSPA_HINT_INTEGER | LADSPA_HINT_DEFAULT_0, 0, 2}},
    // sox takes no plug-in with a port that has no default, be it an output.
    {LADSPA_PORT_OUTPUT, "Voice probability", {kBounded | LADSPA_HINT_DEFAULT_0, 0, 1}},
    {LADSPA_PORT_OUTPUT,
     "Working (0: passes unchanged, needs 48000 Hz)",
     {kBounded | LADSPA_HINT_TOGGLED | LADSPA_HINT_DEFAULT_1, 0, 1}},
    {LADSPA_PORT_OUTPUT,
     "latency",
     {LADSPA_HINT_BOUNDED_BELOW | LADSPA_HINT_INTEGER | LADSPA_HINT_DEFAULT_0, 0, 0}},
}};

// An instance; ports are the inputs, the outputs, then the controls.
template <int Channels> class Plugin {
public:
    static constexpr unsigned long kPorts = 2 * Channels + kControls;

    explicit Plugin(unsigned long rate) {
        percepnet_params params;
        percepnet_error error;
        percepnet_params_init(&params);
        params.sample_rate = int(std::min(rate, 1000000000ul));
        params.channels = Channels;
        stream_ = percepnet_create(&params, &error);
        if (!stream_)
            std::fprintf(stderr, "percepnet LADSPA: %s; audio passes unchanged\n", error.message);
    }
    ~Plugin() { percepnet_destroy(stream_); }
    Plugin(const Plugin &) = delete;
    Plugin &operator=(const Plugin &) = delete;

    void connect(unsigned long port, LADSPA_Data *data) noexcept {
        if (port < kPorts)
            ports_[port] = data;
    }

    void activate() noexcept {
        percepnet_reset(stream_);
        write_controls();
    }

    void run(unsigned long frames) noexcept {
        if (stream_) {
            read_controls();
            percepnet_process(stream_, &ports_[0], &ports_[Channels], frames);
        } else {
            for (int c = 0; c < Channels; c++)
                std::copy_n(ports_[c], ports_[c] == ports_[Channels + c] ? 0 : frames,
                            ports_[Channels + c]);
        }
        write_controls();
    }

private:
    LADSPA_Data *control(Control number) const noexcept { return ports_[2 * Channels + number]; }

    void read_controls() noexcept {
        if (const float *limit = control(kAttenuationLimit))
            percepnet_set_attenuation_limit(stream_, *limit);
        if (const float *mix = control(kMix))
            percepnet_set_mix(stream_, *mix);
        if (const float *strength = control(kPostFilter))
            percepnet_set_post_filter(stream_, *strength);
        if (const float *output = control(kOutput))
            percepnet_set_output(stream_, *output >= 1.5f   ? PERCEPNET_OUTPUT_BYPASS
                                          : *output >= 0.5f ? PERCEPNET_OUTPUT_RESIDUAL
                                                            : PERCEPNET_OUTPUT_ENHANCED);
    }

    void write_controls() noexcept {
        percepnet_readout readout = {};
        percepnet_get_readout(stream_, 0, &readout);
        if (float *probability = control(kVoiceProbability))
            *probability = readout.voice_probability;
        if (float *working = control(kWorking))
            *working = stream_ ? 1.0f : 0.0f;
        if (float *latency = control(kLatency))
            *latency = float(percepnet_latency(stream_));
    }

    percepnet_stream *stream_ = nullptr; // NULL: audio passes unchanged
    std::array<LADSPA_Data *, kPorts> ports_{};
};

// The description of Plugin<Channels>, with the arrays that it points to.
template <int Channels> struct Description {
    std::array<LADSPA_PortDescriptor, Plugin<Channels>::kPorts> ports{};
    std::array<const char *, Plugin<Channels>::kPorts> names{};
    std::array<LADSPA_PortRangeHint, Plugin<Channels>::kPorts> hints{};
    LADSPA_Descriptor descriptor{};

    Description(unsigned long id, const char *label, const char *name,
                const std::array<const char *, 2 * Channels> &audio_names) {
        for (int i = 0; i < 2 * Channels; i++) {
            ports[i] = LADSPA_PORT_AUDIO | (i < Channels ? LADSPA_PORT_INPUT : LADSPA_PORT_OUTPUT);
            names[i] = audio_names[i];
        }
        for (int i = 0; i < kControls; i++) {
            ports[2 * Channels + i] = LADSPA_PORT_CONTROL | kControlPorts[i].direction;
            names[2 * Channels + i] = kControlPorts[i].name;
            hints[2 * Channels + i] = kControlPorts[i].hint;
        }
        descriptor.UniqueID = id;
        descriptor.Label = label;
        descriptor.Properties = LADSPA_PROPERTY_HARD_RT_CAPABLE;
        descriptor.Name = name;
        descriptor.Maker = "The percepnet authors";
        descriptor.Copyright = "BSD-2-Clause";
        descriptor.PortCount = ports.size();
        descriptor.PortDescriptors = ports.data();
        descriptor.PortNames = names.data();
        descriptor.PortRangeHints = hints.data();
        descriptor.instantiate = [](const LADSPA_Descriptor *,
                                    unsigned long rate) -> LADSPA_Handle {
            return new (std::nothrow) Plugin<Channels>(rate);
        };
        descriptor.connect_port = [](LADSPA_Handle handle, unsigned long port, LADSPA_Data *data) {
            plugin(handle).connect(port, data);
        };
        descriptor.activate = [](LADSPA_Handle handle) { plugin(handle).activate(); };
        descriptor.run = [](LADSPA_Handle handle, unsigned long frames) {
            plugin(handle).run(frames);
        };
        descriptor.cleanup = [](LADSPA_Handle handle) { delete &plugin(handle); };
    }

    static Plugin<Channels> &plugin(LADSPA_Handle handle) {
        return *static_cast<Plugin<Channels> *>(handle);
    }
};

} // namespace

extern "C" __attribute__((visibility("default"))) const LADSPA_Descriptor *
ladspa_descriptor(unsigned long index) {
    static const Description<1> mono(20558, "percepnet_mono",
                                     "PercepNet speech enhancement (48 kHz, mono)",
                                     {"Input", "Output"});
    static const Description<2> stereo(
        20559, "percepnet_stereo", "PercepNet speech enhancement (48 kHz, stereo, linked)",
        {"Input left", "Input right", "Output left", "Output right"});
    switch (index) {
    case 0:
        return &mono.descriptor;
    case 1:
        return &stereo.descriptor;
    default:
        return nullptr;
    }
}

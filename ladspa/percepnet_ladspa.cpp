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
#include <new>
#include <string>
#include <vector>

namespace {

// A port that is not audio.
struct ControlPort {
    LADSPA_PortDescriptor direction;
    std::string name;
    LADSPA_PortRangeHint hint;
    int control; // id, for inputs
};

constexpr int kBounded = LADSPA_HINT_BOUNDED_BELOW | LADSPA_HINT_BOUNDED_ABOVE;

// LADSPA has no free choice of defaults.
int default_hint(const percepnet_control &control) {
    const float value = control.default_value;
    return value == 0.0f              ? LADSPA_HINT_DEFAULT_0
           : value == 1.0f            ? LADSPA_HINT_DEFAULT_1
           : value == 100.0f          ? LADSPA_HINT_DEFAULT_100
           : value == control.minimum ? LADSPA_HINT_DEFAULT_MINIMUM
           : value == control.maximum ? LADSPA_HINT_DEFAULT_MAXIMUM
                                      : LADSPA_HINT_DEFAULT_MIDDLE;
}

// "Attenuation limit (dB, 100: none)", "Output (0: enhanced, 1: residual, 2: bypass)"
std::string port_name(const percepnet_control &control) {
    std::string hint = control.unit;
    const auto add = [&hint](const std::string &text) {
        hint += (hint.empty() || text.empty() ? "" : ", ") + text;
    };
    add(control.legend);
    for (int i = 0; control.choices && i <= int(control.maximum); i++)
        add(std::to_string(i) + ": " + control.choices[i].name);
    return std::string(control.title) + (hint.empty() ? "" : " (" + hint + ")");
}

// The library's live controls, then what the plug-in tells.
std::vector<ControlPort> make_control_ports() {
    std::vector<ControlPort> ports;
    for (int id = 0; id < percepnet_control_count(); id++) {
        const percepnet_control &control = *percepnet_control_info(id);
        const int hints =
            kBounded | default_hint(control) | (control.choices ? LADSPA_HINT_INTEGER : 0);
        if (control.live)
            ports.push_back({LADSPA_PORT_INPUT,
                             port_name(control),
                             {hints, control.minimum, control.maximum},
                             id});
    }
    // sox takes no plug-in with a port that has no default, be it an output.
    const int from_0 = LADSPA_HINT_BOUNDED_BELOW | LADSPA_HINT_DEFAULT_0;
    const int flag = kBounded | LADSPA_HINT_TOGGLED | LADSPA_HINT_DEFAULT_1;
    const std::string working = "Working (0: passes unchanged, needs 48000 Hz)";
    ports.push_back(
        {LADSPA_PORT_OUTPUT, "Voice probability", {from_0 | LADSPA_HINT_BOUNDED_ABOVE, 0, 1}, 0});
    ports.push_back({LADSPA_PORT_OUTPUT, working, {flag, 0, 1}, 0});
    ports.push_back({LADSPA_PORT_OUTPUT, "latency", {from_0 | LADSPA_HINT_INTEGER, 0, 0}, 0});
    return ports;
}

const std::vector<ControlPort> &control_ports() {
    static const std::vector<ControlPort> ports = make_control_ports();
    return ports;
}

// An instance; ports are the inputs, the outputs, then the control ports.
template <int Channels> class Plugin {
public:
    static std::size_t port_count() { return 2 * Channels + control_ports().size(); }

    explicit Plugin(unsigned long rate) : ports_(port_count()) {
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
        if (port < ports_.size())
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
            pass(frames);
        }
        write_controls();
    }

private:
    // Sample by sample: a host may give the buffer of one input to the output of another.
    void pass(unsigned long frames) noexcept {
        for (unsigned long i = 0; i < frames; i++) {
            std::array<LADSPA_Data, Channels> sample;
            for (std::size_t c = 0; c < Channels; c++)
                sample[c] = ports_[c][i];
            for (std::size_t c = 0; c < Channels; c++)
                ports_[Channels + c][i] = sample[c];
        }
    }

    void read_controls() noexcept {
        for (std::size_t i = 0; i < described_.size(); i++)
            if (const float *value = ports_[2 * Channels + i])
                if (described_[i].direction == LADSPA_PORT_INPUT)
                    percepnet_set_control(stream_, described_[i].control, *value);
    }

    void write_controls() noexcept {
        percepnet_readout readout = {};
        percepnet_get_readout(stream_, 0, &readout);
        if (float *probability = ports_[ports_.size() - 3])
            *probability = readout.voice_probability;
        if (float *working = ports_[ports_.size() - 2])
            *working = stream_ ? 1.0f : 0.0f;
        if (float *latency = ports_.back())
            *latency = float(percepnet_latency(stream_));
    }

    percepnet_stream *stream_ = nullptr; // NULL: audio passes unchanged
    std::vector<LADSPA_Data *> ports_;
    const std::vector<ControlPort> &described_ = control_ports();
};

// The description of Plugin<Channels>, with the arrays that it points to.
template <int Channels> struct Description {
    std::vector<LADSPA_PortDescriptor> ports;
    std::vector<const char *> names;
    std::vector<LADSPA_PortRangeHint> hints;
    LADSPA_Descriptor descriptor{};

    Description(unsigned long id, const char *label, const char *name,
                const std::array<const char *, 2 * Channels> &audio_names) {
        for (int i = 0; i < 2 * Channels; i++) {
            ports.push_back(LADSPA_PORT_AUDIO |
                            (i < Channels ? LADSPA_PORT_INPUT : LADSPA_PORT_OUTPUT));
            names.push_back(audio_names[std::size_t(i)]);
            hints.push_back({});
        }
        for (const ControlPort &port : control_ports()) {
            ports.push_back(LADSPA_PORT_CONTROL | port.direction);
            names.push_back(port.name.c_str());
            hints.push_back(port.hint);
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

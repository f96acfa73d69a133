// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// The GStreamer element between two pads: properties, caps, buffers of any size and time, events
// and queries in any order. What comes out is whole frames of finite numbers.
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>

#include <gst/audio/audio.h>
#include <gst/gst.h>

#include "../../gst/gstpercepnet.h"
#include "bytes.hpp"
#include "model_file.hpp"
#include "require.hpp"

using percepnet::fuzz::Bytes;
using percepnet::fuzz::ModelFile;
using percepnet::fuzz::require;

namespace {

constexpr int kMostCalls = 40;
constexpr unsigned kMostFrames = 2000;
constexpr std::size_t kMostBytes = 64000; // of all buffers

constexpr const char *kFormats[] = {"F32LE", "S16LE", "S32LE", "F64LE",   "S24LE",
                                    "U8",    "S16BE", "F32BE", "S24_32LE"};
constexpr int kRates[] = {48000, 44100, 8000, 16000, 96000, 1, 192000, 384000, 7350};

std::uint64_t any_time(Bytes &bytes) {
    std::uint64_t value = 0;
    switch (bytes.byte() % 4) {
    case 0:
        return GST_CLOCK_TIME_NONE;
    case 1:
        return bytes.below(10000) * GST_MSECOND;
    case 2:
        return bytes.below(65536) * std::uint64_t(20833);
    default:
        for (int i = 0; i < 8; i++)
            value = value << 8 | bytes.byte();
        return value;
    }
}

/** The element with a pad before and one after it. */
class Element {
public:
    explicit Element(const ModelFile &model) {
        element_ = gst_element_factory_make("percepnet", nullptr);
        require(element_ != nullptr);
        gst_object_ref_sink(element_);
        g_object_set(element_, "model", model.path.c_str(), nullptr);
        bus_ = gst_bus_new();
        gst_element_set_bus(element_, bus_);
        from_ = gst_pad_new("from", GST_PAD_SRC);
        to_ = gst_pad_new("to", GST_PAD_SINK);
        gst_pad_set_element_private(to_, this);
        gst_pad_set_chain_function(to_, take);
        gst_pad_set_event_function(to_, note);
        link(from_, "sink");
        link(to_, "src");
        start();
    }
    ~Element() {
        gst_element_set_state(element_, GST_STATE_NULL);
        gst_pad_set_active(from_, FALSE);
        gst_pad_set_active(to_, FALSE);
        gst_bus_set_flushing(bus_, TRUE);
        gst_element_set_bus(element_, nullptr);
        gst_object_unref(from_);
        gst_object_unref(to_);
        gst_object_unref(element_);
        gst_object_unref(bus_);
    }
    Element(const Element &) = delete;

    void call(Bytes &bytes) {
        switch (bytes.byte() % 12) {
        case 0:
            return set_caps(bytes);
        case 1:
            return set_property(bytes);
        case 2:
            return send(segment_event(bytes));
        case 3:
            return send(gst_event_new_gap(bytes.below(10000) * GST_MSECOND, any_time(bytes)));
        case 4:
            send(gst_event_new_flush_start());
            send(gst_event_new_flush_stop(bytes.byte() % 2));
            return send(gst_event_new_segment(&segment_));
        case 5:
            return send(other_event(bytes));
        case 6:
            return query(bytes);
        case 7:
            gst_element_set_state(element_, GstState(bytes.byte() % 4 + 1));
            return start();
        default:
            return push(bytes);
        }
    }

private:
    void link(GstPad *pad, const char *name) {
        GstPad *const other = gst_element_get_static_pad(element_, name);
        GstPad *const source = gst_pad_get_direction(pad) == GST_PAD_SRC ? pad : other;
        require(gst_pad_link(source, source == pad ? other : pad) == GST_PAD_LINK_OK);
        gst_object_unref(other);
    }

    void start() {
        gst_pad_set_active(to_, TRUE);
        gst_element_set_state(element_, GST_STATE_PLAYING);
        gst_pad_set_active(from_, TRUE);
        gst_segment_init(&segment_, GST_FORMAT_TIME);
        send(gst_event_new_stream_start("fuzz"));
        send_caps("audio/x-raw, format=F32LE, rate=48000, channels=1, layout=interleaved");
        send(gst_event_new_segment(&segment_));
    }

    void send(GstEvent *event) {
        gst_pad_push_event(from_, event);
        while (GstMessage *message = gst_bus_pop(bus_))
            gst_message_unref(message);
    }

    void send_caps(const std::string &text) {
        if (GstCaps *caps = gst_caps_from_string(text.c_str())) {
            if (gst_caps_is_fixed(caps))
                send(gst_event_new_caps(caps));
            gst_caps_unref(caps);
        }
    }

    void set_caps(Bytes &bytes) {
        const unsigned channels = bytes.byte() % 10, kind = bytes.byte();
        std::string text = "audio/x-raw, format=" + std::string(kFormats[bytes.byte() % 9]) +
                           ", rate=" + std::to_string(kRates[bytes.byte() % 9]) +
                           ", channels=" + std::to_string(kind == 255 ? 64 : channels) +
                           ", layout=" + (kind % 2 ? "interleaved" : "non-interleaved");
        if (kind & 2)
            text += ", channel-mask=(bitmask)" + std::to_string(kind >> 2);
        send_caps(text);
    }

    void set_property(Bytes &bytes) {
        guint count = 0;
        GParamSpec **const specs =
            g_object_class_list_properties(G_OBJECT_GET_CLASS(element_), &count);
        GParamSpec *const spec = specs[bytes.byte() % count];
        GValue value = G_VALUE_INIT, number = G_VALUE_INIT;
        g_value_init(&value, spec->value_type);
        g_value_init(&number, G_TYPE_DOUBLE);
        g_value_set_double(&number, double(bytes.number()));
        const bool text = spec->value_type == G_TYPE_STRING || spec->value_type == GST_TYPE_OBJECT;
        if (spec->flags & G_PARAM_READABLE)
            g_object_get_property(G_OBJECT(element_), spec->name, &value);
        if (!text && (spec->flags & G_PARAM_WRITABLE) && g_value_transform(&number, &value)) {
            g_param_value_validate(spec, &value); // into the range
            g_object_set_property(G_OBJECT(element_), spec->name, &value);
        }
        g_value_unset(&value);
        g_value_unset(&number);
        g_free(specs);
    }

    GstEvent *segment_event(Bytes &bytes) {
        gst_segment_init(&segment_, GST_FORMAT_TIME);
        const unsigned kind = bytes.byte();
        segment_.rate = kind & 1 ? -1.0 : kind & 2 ? 2.0 : 1.0;
        segment_.start = bytes.below(10000) * GST_MSECOND;
        segment_.stop =
            kind & 4 ? segment_.start + bytes.below(10000) * GST_MSECOND : GST_CLOCK_TIME_NONE;
        segment_.base = kind & 8 ? any_time(bytes) / 2 : 0;
        segment_.time = kind & 16 ? any_time(bytes) : segment_.start;
        return gst_event_new_segment(&segment_);
    }

    static GstEvent *other_event(Bytes &bytes) {
        switch (bytes.byte() % 5) {
        case 0:
            return gst_event_new_eos();
        case 1:
            return gst_event_new_segment_done(GST_FORMAT_TIME, gint64(any_time(bytes)));
        case 2:
            return gst_event_new_tag(gst_tag_list_new_empty());
        case 3:
            return gst_event_new_stream_start("another");
        default:
            return gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM,
                                        gst_structure_new_empty("custom"));
        }
    }

    void query(Bytes &bytes) {
        GstQuery *const queries[] = {gst_query_new_latency(), gst_query_new_drain(),
                                     gst_query_new_caps(nullptr),
                                     gst_query_new_position(GST_FORMAT_TIME)};
        gst_pad_peer_query(from_, queries[bytes.byte() % 4]);
        for (GstQuery *q : queries)
            gst_query_unref(q);
    }

    void push(Bytes &bytes) {
        const unsigned kind = bytes.byte();
        const std::size_t size = kind & 1 ? bytes.below(4 * kMostFrames)
                                          : std::size_t(bytes.below(kMostFrames)) * frame_bytes();
        if ((spent_ += size) > kMostBytes)
            return;
        GstBuffer *const buffer = gst_buffer_new_allocate(nullptr, size, nullptr);
        fill(buffer, bytes);
        GST_BUFFER_PTS(buffer) = any_time(bytes);
        if (kind & 2)
            GST_BUFFER_DURATION(buffer) = any_time(bytes);
        if (kind & 4)
            GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DISCONT);
        if (kind & 8)
            GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_GAP);
        if ((kind & 16) && planar_ && size >= frame_bytes())
            gst_buffer_add_audio_meta(buffer, &info_, size / frame_bytes(), nullptr);
        if (kind & 32)
            gst_buffer_add_audio_clipping_meta(buffer, GST_FORMAT_DEFAULT, bytes.below(3000),
                                               bytes.below(3000));
        gst_pad_push(from_, buffer);
    }

    std::size_t frame_bytes() {
        GstCaps *const caps = gst_pad_get_current_caps(from_);
        const bool known =
            caps && gst_audio_info_from_caps(&info_, caps) && GST_AUDIO_INFO_BPF(&info_) > 0;
        if (caps)
            gst_caps_unref(caps);
        planar_ = known && info_.layout == GST_AUDIO_LAYOUT_NON_INTERLEAVED;
        return known ? std::size_t(GST_AUDIO_INFO_BPF(&info_)) : 4;
    }

    static void fill(GstBuffer *buffer, Bytes &bytes) {
        GstMapInfo map;
        require(gst_buffer_map(buffer, &map, GST_MAP_WRITE));
        std::uint8_t pattern[16];
        for (std::uint8_t &b : pattern)
            b = bytes.byte();
        for (gsize i = 0; i < map.size; i++)
            map.data[i] = std::uint8_t(pattern[i % 16] + (i >> 6));
        gst_buffer_unmap(buffer, &map);
    }

    static gboolean note(GstPad *pad, GstObject *, GstEvent *event) {
        auto &self = *static_cast<Element *>(gst_pad_get_element_private(pad));
        GstCaps *caps = nullptr;
        if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
            gst_event_parse_caps(event, &caps);
            require(gst_audio_info_from_caps(&self.out_, caps));
        }
        gst_event_unref(event);
        return TRUE;
    }

    static GstFlowReturn take(GstPad *pad, GstObject *, GstBuffer *buffer) {
        const auto &self = *static_cast<const Element *>(gst_pad_get_element_private(pad));
        GstMapInfo map;
        require(gst_buffer_map(buffer, &map, GST_MAP_READ));
        require(GST_AUDIO_INFO_IS_VALID(&self.out_) &&
                map.size % gsize(GST_AUDIO_INFO_BPF(&self.out_)) == 0);
        if (GST_AUDIO_INFO_FORMAT(&self.out_) == GST_AUDIO_FORMAT_F32LE && !self.bypassed())
            for (gsize i = 0; i + 4 <= map.size; i += 4) {
                float value;
                std::memcpy(&value, map.data + i, 4);
                require(std::isfinite(value));
            }
        gst_buffer_unmap(buffer, &map);
        gst_buffer_unref(buffer);
        return GST_FLOW_OK;
    }

    bool bypassed() const {
        int output = 0;
        g_object_get(element_, "output", &output, nullptr);
        return output != 0;
    }

    GstElement *element_;
    GstBus *bus_;
    GstPad *from_, *to_;
    GstSegment segment_;
    GstAudioInfo info_{}, out_{};
    bool planar_ = false;
    std::size_t spent_ = 0;
};

bool prepare() {
    gst_init(nullptr, nullptr);
    return GST_ELEMENT_REGISTER(percepnet, nullptr);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    static const bool ready = prepare();
    static const ModelFile model;
    require(ready);
    Bytes bytes(data, size);
    Element element(model);
    for (int i = 0; i < kMostCalls && !bytes.empty(); i++)
        element.call(bytes);
    return 0;
}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// A GStreamer application: cleans a file of any format and rate, tells on the terminal when
// somebody speaks, and shows how a control is set. "-" as OUT plays it.
//
//     cc gst_player.c -o gst_player $(pkg-config --cflags --libs gstreamer-1.0)
//     ./gst_player IN OUT.wav [ATTENUATION_LIMIT_IN_DB]
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <gst/gst.h>

/** By name or by link: filesink would empty what filesrc reads. */
static gboolean is_same_file(const char *in, const char *out) {
    struct stat read, written;
    return stat(in, &read) == 0 && stat(out, &written) == 0 && read.st_dev == written.st_dev &&
           read.st_ino == written.st_ino;
}

static GstElement *make_pipeline(const char *in, const char *out, GError **error) {
    const gboolean play = strcmp(out, "-") == 0;
    char *launch = g_strdup_printf("filesrc name=in ! decodebin ! audioconvert ! "
                                   "percepnet name=percepnet voice-activity-messages=true ! "
                                   "audioconvert ! %s",
                                   play ? "autoaudiosink" : "wavenc ! filesink name=out");
    GstElement *pipeline = gst_parse_launch(launch, error);
    g_free(launch);
    if (!pipeline)
        return NULL;
    GstElement *source = gst_bin_get_by_name(GST_BIN(pipeline), "in");
    GstElement *sink = play ? NULL : gst_bin_get_by_name(GST_BIN(pipeline), "out");
    g_object_set(source, "location", in, NULL);
    gst_object_unref(source);
    if (sink) {
        g_object_set(sink, "location", out, NULL);
        gst_object_unref(sink);
    }
    return pipeline;
}

static void tell_voice(GstMessage *message) {
    const GstStructure *structure = gst_message_get_structure(message);
    gboolean voice = FALSE;
    guint64 time = 0;
    if (!gst_structure_has_name(structure, "voice-activity"))
        return;
    gst_structure_get_boolean(structure, "stream-has-voice", &voice);
    gst_structure_get_uint64(structure, "stream-time", &time);
    g_print("%6.2f s: a voice %s\n", (double)time / GST_SECOND, voice ? "begins" : "ends");
}

/** To the end of the file. @return the exit status */
static int run(GstElement *pipeline) {
    GstBus *bus = gst_element_get_bus(pipeline);
    int status = -1;
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    while (status < 0) {
        GstMessage *message = gst_bus_timed_pop_filtered(
            bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_ELEMENT);
        if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ELEMENT) {
            tell_voice(message);
        } else if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
            GError *error = NULL;
            gst_message_parse_error(message, &error, NULL);
            g_printerr("gst_player: %s\n", error->message);
            g_error_free(error);
            status = 1;
        } else {
            status = 0;
        }
        gst_message_unref(message);
    }
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(bus);
    return status;
}

int main(int argc, char **argv) {
    GError *error = NULL;
    gst_init(&argc, &argv);
    if (argc < 3 || argc > 4) {
        g_printerr("usage: gst_player IN OUT.wav|- [ATTENUATION_LIMIT_IN_DB]\n");
        return 2;
    }
    if (is_same_file(argv[1], argv[2])) {
        g_printerr("gst_player: IN and OUT are the same file, %s; choose another OUT\n", argv[1]);
        return 1;
    }
    GstElement *pipeline = make_pipeline(argv[1], argv[2], &error);
    if (!pipeline) {
        g_printerr("gst_player: %s\n", error->message);
        g_error_free(error);
        return 1;
    }
    if (argc == 4) { // works in any state, from any thread, without a click
        GstElement *percepnet = gst_bin_get_by_name(GST_BIN(pipeline), "percepnet");
        g_object_set(percepnet, "attenuation-limit", g_ascii_strtod(argv[3], NULL), NULL);
        gst_object_unref(percepnet);
    }
    const int status = run(pipeline);
    gst_object_unref(pipeline);
    return status;
}

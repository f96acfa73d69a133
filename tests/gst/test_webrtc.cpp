// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
// A call between two webrtcbins of one program, an element at each end. What waits
// for the connection comes at once, and the jitter buffer learns from it for a
// second: its timestamps fall behind the samples, those of the element never run
// backwards. Skipped where a plug-in or a network interface is missing.
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <initializer_list>

#include <ifaddrs.h>
#include <net/if.h>

#include <gst/gst.h>

namespace
{

constexpr int skipped = 77;
constexpr std::uint64_t wanted = 5 * 48000;     // frames that must arrive
constexpr guint patience = 60;  // s
constexpr guint signalling_ms = 700;

struct Call
{
  GMainLoop *loop = nullptr;
  GstElement *sender = nullptr, *receiver = nullptr;    // pipelines
  GstElement *offerer = nullptr, *answerer = nullptr;   // their webrtcbins
  std::atomic < bool > failed { false };

  // Of the thread of the receiver's sink, until it has stopped.
  std::uint64_t frames = 0, steps_back = 0, holes = 0;
  GstClockTime end = 0;
};

// Any thread.
void
fail (Call & call, const char *error)
{
  std::printf ("%s\n", error);
  call.failed = true;
  g_main_loop_quit (call.loop);
}

// ---- What is received ------------------------------------------------------

void
on_buffer (GstElement *, GstBuffer * buffer, GstPad *, Call * call)
{
  const GstClockTime pts = GST_BUFFER_PTS (buffer);

  call->steps_back += pts < call->end;
  call->holes += pts > call->end && call->frames > 0
      && !GST_BUFFER_IS_DISCONT (buffer);
  call->end = pts + GST_BUFFER_DURATION (buffer);
  call->frames += gst_buffer_get_size (buffer) / 4;
  if (call->frames >= wanted)
    g_main_loop_quit (call->loop);
}

void
on_pad (GstElement *, GstPad * pad, Call * call)
{
  if (GST_PAD_DIRECTION (pad) != GST_PAD_SRC)
    return;
  GstElement *bin = gst_parse_bin_from_description ("rtpopusdepay ! opusdec "
      "! audioconvert ! audio/x-raw,format=F32LE,channels=1 ! percepnet name=e "
      "! fakesink name=s sync=true signal-handoffs=true", TRUE, nullptr);
  gst_bin_add (GST_BIN (call->receiver), bin);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (bin), "s");
  g_signal_connect (sink, "handoff", G_CALLBACK (on_buffer), call);
  gst_object_unref (sink);
  gst_element_sync_state_with_parent (bin);
  GstPad *entry = gst_element_get_static_pad (bin, "sink");
  if (gst_pad_link (pad, entry) != GST_PAD_LINK_OK)
    fail (*call, "the receiver's pad could not be linked");
  gst_object_unref (entry);
}

// ---- Signalling ------------------------------------------------------------

// The session description in a promise's reply. Without the library's header it is
// an opaque boxed value, to be handed on.
gpointer
description (GstPromise * promise, const char *name)
{
  const GValue *value =
      gst_structure_get_value (gst_promise_get_reply (promise), name);
  return value ? g_value_get_boxed (value) : nullptr;
}

void
on_answer (GstPromise * promise, gpointer data)
{
  Call & call = *static_cast < Call * >(data);
  if (gpointer answer = description (promise, "answer")) {
    g_signal_emit_by_name (call.answerer, "set-local-description", answer,
        nullptr);
    g_signal_emit_by_name (call.offerer, "set-remote-description", answer,
        nullptr);
  } else {
    fail (call, "there is no answer");
  }
  gst_promise_unref (promise);
}

void
on_offer_taken (GstPromise * promise, gpointer data)
{
  Call & call = *static_cast < Call * >(data);
  g_signal_emit_by_name (call.answerer, "create-answer", nullptr,
      gst_promise_new_with_change_func (on_answer, data, nullptr));
  gst_promise_unref (promise);
}

void
on_offer (GstPromise * promise, gpointer data)
{
  Call & call = *static_cast < Call * >(data);
  if (gpointer offer = description (promise, "offer")) {
    g_signal_emit_by_name (call.offerer, "set-local-description", offer,
        nullptr);
    g_signal_emit_by_name (call.answerer, "set-remote-description", offer,
        gst_promise_new_with_change_func (on_offer_taken, data, nullptr));
  } else {
    fail (call, "there is no offer");
  }
  gst_promise_unref (promise);
}

gboolean
make_offer (gpointer data)
{
  g_signal_emit_by_name (static_cast < Call * >(data)->offerer, "create-offer",
      nullptr, gst_promise_new_with_change_func (on_offer, data, nullptr));
  return FALSE;
}

// As if it had to go through a server: the microphone is on meanwhile.
void
on_negotiation (GstElement *, gpointer data)
{
  g_timeout_add (signalling_ms, make_offer, data);
}

void
on_candidate (GstElement *, guint line, gchar * candidate, GstElement * peer)
{
  g_signal_emit_by_name (peer, "add-ice-candidate", line, candidate);
}

// ---- The call --------------------------------------------------------------

const char *
missing_plugin ()
{
  for (const char *name : {"webrtcbin", "nicesrc", "dtlsdec", "srtpdec",
          "opusenc", "opusdec", "rtpopuspay"}) {
    GstElementFactory *factory = gst_element_factory_find (name);
    if (!factory)
      return name;
    gst_object_unref (factory);
  }
  return nullptr;
}

bool
have_network ()
{
  ifaddrs *all = nullptr;
  bool found = false;

  if (getifaddrs (&all) != 0)
    return false;
  for (const ifaddrs * i = all; i; i = i->ifa_next)
    found = found || (i->ifa_addr && (i->ifa_flags & IFF_UP)
        && !(i->ifa_flags & IFF_LOOPBACK)
        && (i->ifa_addr->sa_family == AF_INET
            || i->ifa_addr->sa_family == AF_INET6));
  freeifaddrs (all);
  return found;
}

gboolean
on_message (GstBus *, GstMessage * message, gpointer data)
{
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    GError *error = nullptr;
    gst_message_parse_error (message, &error, nullptr);
    fail (*static_cast < Call * >(data), error->message);
    g_error_free (error);
  }
  return TRUE;
}

gboolean
on_timeout (gpointer data)
{
  fail (*static_cast < Call * >(data), "too little was received in time");
  return FALSE;
}

void
connect (Call & call)
{
  call.sender = gst_parse_launch ("webrtcbin name=w bundle-policy=max-bundle "
      "audiotestsrc is-live=true samplesperbuffer=480 wave=ticks "
      "! audio/x-raw,rate=48000,channels=1 ! percepnet ! audioconvert ! opusenc "
      "! rtpopuspay pt=96 ! application/x-rtp,media=audio,encoding-name=OPUS,"
      "payload=96 ! w.", nullptr);
  call.offerer = gst_bin_get_by_name (GST_BIN (call.sender), "w");
  call.receiver = gst_pipeline_new (nullptr);
  call.answerer = gst_element_factory_make ("webrtcbin", nullptr);
  gst_util_set_object_arg (G_OBJECT (call.answerer), "bundle-policy",
      "max-bundle");
  gst_bin_add (GST_BIN (call.receiver),
      GST_ELEMENT (gst_object_ref (call.answerer)));
  g_signal_connect (call.answerer, "pad-added", G_CALLBACK (on_pad), &call);
  g_signal_connect (call.offerer, "on-ice-candidate",
      G_CALLBACK (on_candidate), call.answerer);
  g_signal_connect (call.answerer, "on-ice-candidate",
      G_CALLBACK (on_candidate), call.offerer);
  g_signal_connect (call.offerer, "on-negotiation-needed",
      G_CALLBACK (on_negotiation), &call);
  for (GstElement * pipeline : {call.receiver, call.sender}) {
    GstBus *bus = gst_element_get_bus (pipeline);
    gst_bus_add_watch (bus, on_message, &call);
    gst_object_unref (bus);
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
  }
}

void
disconnect (Call & call)
{
  for (GstElement * pipeline : {call.sender, call.receiver}) {
    GstBus *bus = gst_element_get_bus (pipeline);
    gst_bus_remove_watch (bus);
    gst_object_unref (bus);
    gst_element_set_state (pipeline, GST_STATE_NULL);
  }
  gst_object_unref (call.offerer);
  gst_object_unref (call.answerer);
  gst_object_unref (call.sender);
  gst_object_unref (call.receiver);
}

}

int
main (int argc, char **argv)
{
  Call call;

  gst_init (&argc, &argv);
  if (const char *name = missing_plugin ()) {
    std::printf ("skipped: there is no element %s\n", name);
    return skipped;
  }
  if (!have_network ()) {
    std::printf ("skipped: ICE needs a network interface beside loopback\n");
    return skipped;
  }
  call.loop = g_main_loop_new (nullptr, FALSE);
  g_timeout_add_seconds (patience, on_timeout, &call);
  connect (call);
  g_main_loop_run (call.loop);
  disconnect (call);
  g_main_loop_unref (call.loop);

  std::printf ("%.2f s received, %llu steps back, %llu holes\n",
      double (call.frames) / 48000, (unsigned long long) call.steps_back,
      (unsigned long long) call.holes);
  return call.failed || call.steps_back > 0 || call.holes > 0;
}

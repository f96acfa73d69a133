// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "events.hpp"

namespace percepnet::gst
{
namespace
{

bool
caps_change (const Stream & stream, GstEvent * event)
{
  GstCaps *caps;
  GstAudioInfo info;

  gst_event_parse_caps (event, &caps);
  return !gst_audio_info_from_caps (&info, caps) || !stream.has_format (info);
}

bool
segment_changes (const GstBaseTransform * trans, GstEvent * event)
{
  GstSegment now = trans->segment;
  const GstSegment *next;

  gst_event_parse_segment (event, &next);
  now.position = next->position;
  return !gst_segment_is_equal (&now, next);
}

bool
bridge_gap (Stream & stream, GstEvent * event)
{
  GstClockTime time, duration;

  gst_event_parse_gap (event, &time, &duration);
  return stream.bridge_gap (time, duration);
}

}

bool
answer_latency (Stream & stream, GstBaseTransform * trans, GstQuery * query)
{
  const GstClockTime latency = stream.readings ().latency;
  gboolean live;
  GstClockTime min, max;

  if (!gst_pad_peer_query (GST_BASE_TRANSFORM_SINK_PAD (trans), query))
    return false;
  gst_query_parse_latency (query, &live, &min, &max);
  stream.idle_watch ().learn_latency (live, min);
  min += latency;
  if (GST_CLOCK_TIME_IS_VALID (max))
    max += latency;
  gst_query_set_latency (query, live, min, max);
  GST_DEBUG_OBJECT (trans, "latency: live %d, min %" GST_TIME_FORMAT ", max %"
      GST_TIME_FORMAT ", of which ours %" GST_TIME_FORMAT, live,
      GST_TIME_ARGS (min), GST_TIME_ARGS (max), GST_TIME_ARGS (latency));
  return true;
}

bool
take_event (Stream & stream, GstBaseTransform * trans, GstEvent * event)
{
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      if (caps_change (stream, event))
        stream.drain ();
      break;
    case GST_EVENT_SEGMENT:
      if (segment_changes (trans, event))
        stream.begin_anew ();
      break;
    case GST_EVENT_GAP:
      if (bridge_gap (stream, event))
        return true;
      stream.end_run ();
      break;
    case GST_EVENT_STREAM_START:
      stream.begin_anew ();
      break;
    case GST_EVENT_SEGMENT_DONE:
    case GST_EVENT_EOS:
      stream.end_run ();
      break;
    case GST_EVENT_FLUSH_STOP:
      stream.flush ();
      break;
    default:
      break;
  }
  return false;
}

}

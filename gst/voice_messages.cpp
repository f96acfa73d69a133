// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "voice_messages.hpp"

#include "segment_time.hpp"

namespace percepnet::gst
{

void
VoiceMessages::update (const percepnet_readout & readout,
    const Wanted & wanted, GstClockTime time, const GstSegment & segment)
{
  activity_.update (readout.voice_probability, wanted.threshold);
  last_time_ = time;
  if ((wanted.messages && activity_.active ()) != told_)
    tell (!told_, readout, time, segment);
}

void
VoiceMessages::end (GstClockTime time, const GstSegment & segment)
{
  if (told_)
    tell (false, { 0.0f, 0.0f, 0.0f },
        GST_CLOCK_TIME_IS_VALID (time) ? time : last_time_, segment);
  activity_.reset ();
  last_time_ = GST_CLOCK_TIME_NONE;
}

void
VoiceMessages::tell (bool voice, const percepnet_readout & readout,
    GstClockTime time, const GstSegment & segment)
{
  GstStructure *structure = gst_structure_new ("voice-activity",
      "stream-has-voice", G_TYPE_BOOLEAN, gboolean (voice),
      "timestamp", G_TYPE_UINT64, time,
      "stream-time", G_TYPE_UINT64, stream_time_of (segment, time),
      "running-time", G_TYPE_UINT64, running_time_of (segment, time),
      "voice-probability", G_TYPE_FLOAT, readout.voice_probability,
      "snr", G_TYPE_FLOAT, readout.snr_db, nullptr);

  told_ = voice;
  GST_DEBUG_OBJECT (element_, "voice %s", voice ? "begins" : "ends");
  gst_element_post_message (element_,
      gst_message_new_element (GST_OBJECT_CAST (element_), structure));
}

}

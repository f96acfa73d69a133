// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <gst/gst.h>
#include <percepnet.h>

#include "voice_activity.hpp"

namespace percepnet::gst
{

// Finds voices and tells of them: the element messages alternate between begin
// and end, whatever happens to the stream and to the property that asks for
// them.
class VoiceMessages
{
public:
  struct Wanted
  {
    bool messages;
    float threshold;            // see VoiceActivity
  };

  explicit VoiceMessages (GstElement * element) : element_ (element) {}

  // A hop of this readout; its time in the segment.
  void update (const percepnet_readout & readout, const Wanted & wanted,
      GstClockTime time, const GstSegment & segment);
  // The stream ends there, or at the last hop that came. Nothing is known then.
  void end (GstClockTime time, const GstSegment & segment);

  bool active () const noexcept { return activity_.active (); }

private:
  void tell (bool voice, const percepnet_readout & readout, GstClockTime time,
      const GstSegment & segment);

  GstElement *const element_;
  VoiceActivity activity_;
  bool told_ = false;           // the last message said that a voice begins
  GstClockTime last_time_ = GST_CLOCK_TIME_NONE;
};

}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <gst/gst.h>

namespace percepnet::gst
{

// NONE in segments that are not of time: those of raw files count bytes.
inline GstClockTime
stream_time_of (const GstSegment & segment, GstClockTime time)
{
  return segment.format != GST_FORMAT_TIME ? GST_CLOCK_TIME_NONE
      : gst_segment_to_stream_time (&segment, GST_FORMAT_TIME, time);
}

inline GstClockTime
running_time_of (const GstSegment & segment, GstClockTime time)
{
  // Played backwards, it counts from the segment's stop.
  const bool known = segment.format == GST_FORMAT_TIME
      && (segment.rate > 0.0 || GST_CLOCK_TIME_IS_VALID (segment.stop));
  return !known ? GST_CLOCK_TIME_NONE
      : gst_segment_to_running_time (&segment, GST_FORMAT_TIME, time);
}

}

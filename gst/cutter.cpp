// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "cutter.hpp"

namespace percepnet::gst
{

GstBuffer *
Cutter::cut (GstBuffer * buffer, const GstAudioInfo & info)
{
  const gsize frame = GST_AUDIO_INFO_BPF (&info);
  const gsize size = gst_buffer_get_size (buffer);
  const gsize held = rest_.size ();

  if (gst_buffer_get_audio_meta (buffer)
      || (held == 0 && size % frame == 0))
    return buffer;

  const gsize whole = (held + size) / frame * frame;
  const gsize taken = whole > 0 ? whole - held : 0;
  GstBuffer *result = gst_buffer_new_allocate (nullptr, whole, nullptr);
  gst_buffer_copy_into (result, buffer,
      GstBufferCopyFlags (GST_BUFFER_COPY_METADATA), 0, gsize (-1));
  if (whole > 0) {
    GstMapInfo map;
    gst_buffer_map (result, &map, GST_MAP_WRITE);
    std::copy (rest_.begin (), rest_.end (), map.data);
    gst_buffer_extract (buffer, 0, map.data + held, taken);
    gst_buffer_unmap (result, &map);
    rest_.clear ();
  }
  // The first frame began before the buffer did.
  if (GST_BUFFER_PTS_IS_VALID (result))
    GST_BUFFER_PTS (result) -= MIN (GST_BUFFER_PTS (result),
        gst_util_uint64_scale_round (held, GST_SECOND,
            frame * guint64 (GST_AUDIO_INFO_RATE (&info))));

  const gsize before = rest_.size ();
  rest_.resize (before + size - taken);
  gst_buffer_extract (buffer, taken, rest_.data () + before, size - taken);
  gst_buffer_unref (buffer);
  return result;
}

}

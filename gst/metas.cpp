// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "metas.hpp"

#include <gst/audio/audio.h>

namespace percepnet::gst
{
namespace
{

bool
copy_meta (GstBuffer * to, GstMeta * meta, GstBuffer * from)
{
  GstMetaTransformCopy whole = { FALSE, 0, gsize (-1) };

  return meta->info->transform_func
      && meta->info->transform_func (to, meta, from, _gst_meta_transform_copy,
      &whole);
}

// The base class asks the same of the metas that it copies itself.
bool
can_be_carried (GstBaseTransform * element, GstBuffer * holder, GstMeta * meta,
    GstBuffer * from)
{
  const GType api = meta->info->api;

  return !GST_META_FLAG_IS_SET (meta, GST_META_FLAG_POOLED)
      && !gst_meta_api_type_has_tag (api,
      g_quark_from_static_string (GST_META_TAG_MEMORY_STR))
      && GST_BASE_TRANSFORM_GET_CLASS (element)->transform_meta (element,
      holder, meta, from);
}

}

void
Metas::keep (GstBaseTransform * element, GstBuffer * from, std::uint64_t frame)
{
  GstBuffer *holder = nullptr;
  gpointer state = nullptr;

  while (GstMeta * meta = gst_buffer_iterate_meta (from, &state)) {
    if (!holder)
      holder = gst_buffer_new ();
    if (can_be_carried (element, holder, meta, from))
      copy_meta (holder, meta, from);
  }
  state = nullptr;
  if (holder && gst_buffer_iterate_meta (holder, &state))
    entries_.push_back ({ frame, holder });
  else
    gst_clear_buffer (&holder);
}

std::uint64_t
Metas::next (std::uint64_t frame) const noexcept
{
  for (const Entry & entry : entries_)
    if (entry.frame > frame)
      return entry.frame;
  return G_MAXUINT64;
}

void
Metas::attach (GstBuffer * to, std::uint64_t frame, GType except)
{
  while (!entries_.empty () && entries_.front ().frame <= frame) {
    GstBuffer *holder = entries_.front ().holder;
    gpointer state = nullptr;
    while (GstMeta * meta = gst_buffer_iterate_meta (holder, &state))
      if (meta->info->api != except)
        copy_meta (to, meta, holder);
    gst_buffer_unref (holder);
    entries_.pop_front ();
  }
}

void
Metas::clear () noexcept
{
  for (const Entry & entry : entries_)
    gst_buffer_unref (entry.holder);
  entries_.clear ();
}

}

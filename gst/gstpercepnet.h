// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#ifndef __GST_PERCEPNET_H__
#define __GST_PERCEPNET_H__

#include <gst/gst.h>
#include <gst/audio/gstaudiofilter.h>

G_BEGIN_DECLS

#define GST_TYPE_PERCEPNET (gst_percepnet_get_type ())

G_DECLARE_FINAL_TYPE (GstPercepnet, gst_percepnet, GST, PERCEPNET,
    GstAudioFilter)

GST_ELEMENT_REGISTER_DECLARE (percepnet);

G_END_DECLS

#endif /* __GST_PERCEPNET_H__ */

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#ifndef __GST_PERCEPNET_H__
#define __GST_PERCEPNET_H__

#include <gst/gst.h>
#include <gst/audio/gstaudiofilter.h>

G_BEGIN_DECLS

#define GST_TYPE_PERCEPNET (gst_percepnet_get_type ())
#define GST_TYPE_PERCEPNET_OUTPUT (gst_percepnet_output_get_type ())
#define GST_TYPE_PERCEPNET_CHANNEL_MODE (gst_percepnet_channel_mode_get_type ())

G_DECLARE_FINAL_TYPE (GstPercepnet, gst_percepnet, GST, PERCEPNET,
    GstAudioFilter)

GType gst_percepnet_output_get_type (void);
GType gst_percepnet_channel_mode_get_type (void);

GST_ELEMENT_REGISTER_DECLARE (percepnet);

G_END_DECLS

#endif /* __GST_PERCEPNET_H__ */

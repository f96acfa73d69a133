// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#include "gstpercepnet.h"

static gboolean
plugin_init (GstPlugin * plugin)
{
  return GST_ELEMENT_REGISTER (percepnet, plugin);
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, percepnet,
    "Noise suppression and speech enhancement in real time", plugin_init, VERSION,
    "BSD", PACKAGE, ORIGIN)

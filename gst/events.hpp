// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "stream.hpp"

namespace percepnet::gst
{

// Adds the element's latency to what upstream answers. False: it does not.
bool answer_latency (Stream & stream, GstBaseTransform * trans,
    GstQuery * query);

// Of the sink pad, before it goes on: everything that came before an event that
// ends a run of samples is pushed before it. True: it goes no further, silence
// stands for it.
bool take_event (Stream & stream, GstBaseTransform * trans, GstEvent * event);

}

// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <ctime>

#include <gst/gst.h>

namespace percepnet::gst
{

// Adds the CPU time of the thread between construction and destruction.
class CpuMeter
{
public:
  explicit CpuMeter (GstClockTime & total)
      : total_ (total), start_ (now ())
  {
  }
  ~CpuMeter ()
  {
    total_ += now () - start_;
  }
  CpuMeter (const CpuMeter &) = delete;
  CpuMeter & operator = (const CpuMeter &) = delete;

private:
  static GstClockTime now ()
  {
    struct timespec time;
    return clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time) == 0
        ? GST_TIMESPEC_TO_TIME (time) : 0;
  }

  GstClockTime & total_;
  const GstClockTime start_;
};

}

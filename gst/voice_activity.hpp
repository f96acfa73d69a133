// SPDX-FileCopyrightText: The percepnet authors
// SPDX-License-Identifier: BSD-2-Clause
#pragma once

namespace percepnet::gst
{

// Voice or no voice, from the voice probability of each hop: with hysteresis,
// and held through the pauses within a word.
class VoiceActivity
{
public:
  static constexpr float default_threshold = 0.6f;

  // A voice begins at the threshold, and ends below two thirds of it.
  void update (float probability, float threshold) noexcept
  {
    if (probability >= threshold) {
      active_ = true;
      quiet_hops_ = 0;
    } else if (probability < threshold * 2 / 3 && ++quiet_hops_ >= hold_hops) {
      active_ = false;
    }
  }

  bool active () const noexcept { return active_; }
  void reset () noexcept { *this = VoiceActivity (); }

private:
  static constexpr int hold_hops = 20;  // 200 ms

  bool active_ = false;
  int quiet_hops_ = 0;
};

}

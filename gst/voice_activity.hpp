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
  // Returns whether the decision changed with this hop.
  bool update (float probability) noexcept
  {
    const bool before = active_;
    if (probability >= on) {
      active_ = true;
      quiet_hops_ = 0;
    } else if (probability < off && ++quiet_hops_ >= hold_hops) {
      active_ = false;
    }
    return active_ != before;
  }

  bool active () const noexcept { return active_; }
  void reset () noexcept { *this = VoiceActivity (); }

private:
  static constexpr float on = 0.6f, off = 0.4f;
  static constexpr int hold_hops = 20;  // 200 ms

  bool active_ = false;
  int quiet_hops_ = 0;
};

}

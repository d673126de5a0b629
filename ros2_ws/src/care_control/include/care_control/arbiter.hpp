// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "care_control/limits.hpp"
#include "care_control/steady_time.hpp"

namespace care_control {

/// Who commands the base; the numbers are those of care_msgs/SetMode.
enum class Mode : std::uint8_t { kNone = 0, kAutonomous = 1, kTeleop = 2 };

/// The newest accepted command of one source.
struct Command {
  Velocity velocity;
  std::int64_t received_ns = kNever;  ///< steady time
  std::int64_t sent_ns = kNever;      ///< steady time of its stamp
};

/// Tell whether nothing is commanded.
inline bool zero(const Velocity & velocity) noexcept {
  return velocity.linear == 0.0 && velocity.angular == 0.0;
}

/// Chooses whose command moves the base, and whether it may begin to.
class Arbiter {
 public:
  /// What one cycle chooses from.
  struct Choice {
    Mode mode = Mode::kNone;
    Command autonomous;
    Command teleop;
    double command_timeout = 0.25;  ///< [s]
    double teleop_deadman = 0.2;    ///< [s]
  };

  /// The command of the chosen source while it lives, else zero.
  static Velocity wanted(const Choice & choice, std::int64_t now_ns) noexcept;

  /// What of it may move the base: after a time without permission, or under a new mode, only a
  /// command that comes after a zero or a pause.
  Velocity released(const Velocity & wanted, Mode mode, bool permitted) noexcept;

  bool fresh_needed() const noexcept { return fresh_needed_; }

 private:
  Mode mode_ = Mode::kNone;
  bool fresh_needed_ = true;
};

}  // namespace care_control

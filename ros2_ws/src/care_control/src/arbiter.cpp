// SPDX-License-Identifier: Apache-2.0
#include "care_control/arbiter.hpp"

#include <cmath>

namespace care_control {

Velocity Arbiter::wanted(const Choice & choice, std::int64_t now_ns) noexcept {
  if (choice.mode == Mode::kNone) {
    return {};
  }
  const bool teleop = choice.mode == Mode::kTeleop;
  const Command & command = teleop ? choice.teleop : choice.autonomous;
  const double timeout = teleop ? choice.teleop_deadman : choice.command_timeout;
  // Checked at the intake too; here it costs nothing, and nothing else may ever get through.
  if (older(command.received_ns, now_ns, timeout) || !std::isfinite(command.velocity.linear) ||
      !std::isfinite(command.velocity.angular)) {
    return {};
  }
  return command.velocity;
}

Velocity Arbiter::released(const Velocity & wanted, Mode mode, bool permitted) noexcept {
  if (!permitted || mode != mode_) {
    fresh_needed_ = true;
    mode_ = mode;
  } else if (zero(wanted)) {
    fresh_needed_ = false;
  }
  return fresh_needed_ ? Velocity{} : wanted;
}

}  // namespace care_control

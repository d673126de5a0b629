// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include "care_control/wheels.hpp"

namespace care_control {

/// Two wheels whose speed follows the command within some 30 ms and comes to rest: the least that a
/// test of the core needs. The plant slips, counts and is limited; these do not.
class FollowingWheels {
 public:
  /// One cycle with the commanded wheel speeds [rad/s].
  void step(double left_speed, double right_speed, double dt) noexcept {
    const double share = 1.0 - std::exp(-dt / kTimeConstant);
    wheels_.left_speed = settled(wheels_.left_speed, left_speed, share);
    wheels_.right_speed = settled(wheels_.right_speed, right_speed, share);
    wheels_.left_angle += wheels_.left_speed * dt;
    wheels_.right_angle += wheels_.right_speed * dt;
  }

  const Wheels & wheels() const noexcept { return wheels_; }

 private:
  static constexpr double kTimeConstant = 0.03;  // [s]
  static constexpr double kStandstill = 1e-4;    // [rad/s]: a real gearbox sticks below

  static double settled(double speed, double command, double share) noexcept {
    const double next = speed + (command - speed) * share;
    return command == 0.0 && std::abs(next) < kStandstill ? 0.0 : next;
  }

  Wheels wheels_;
};

}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace care_control {

/// Limits of one axis; linear in m, angular in rad.
struct AxisLimits {
  double up = 0.6;    ///< speeding up [/s^2]
  double down = 1.0;  ///< slowing down [/s^2]
  double jerk = 3.0;  ///< change of acceleration [/s^3]
};

/// Speed of one axis that follows a target within acceleration and jerk, without overshoot.
///
/// A chain of clamps (velocity, then acceleration, then jerk) overshoots its target by several per
/// cent; this law asks for the largest acceleration that can still ramp to zero before the target.
class AxisRamp {
 public:
  /// One cycle towards `target`; reverses only through a stop. @return the new speed.
  double follow(double target, const AxisLimits & limits, double dt) noexcept;

  /// One cycle of braking to zero with a constant deceleration and no jerk limit.
  double brake(double deceleration, double dt) noexcept;

  double speed() const noexcept { return speed_; }
  double acceleration() const noexcept { return acceleration_; }

 private:
  double speed_ = 0.0;
  double acceleration_ = 0.0;
};

/// A velocity of the base.
struct Velocity {
  double linear = 0.0;   ///< [m/s], x forward
  double angular = 0.0;  ///< [rad/s], z up
};

/// Box of speeds that the base may have.
struct SpeedLimits {
  double linear = 0.6;        ///< forward [m/s]
  double reverse = 0.3;       ///< backward [m/s]
  double angular = 1.0;       ///< either way [rad/s]
  double lateral = 0.5;       ///< linear * angular [m/s^2]
  double wheel = 12.0;        ///< each wheel [rad/s]
  double wheel_radius = 0.1;  ///< [m]
  double half_track = 0.23;   ///< half the distance between the wheels [m]
};

/// A velocity within limits, and whether it had to be reduced.
struct Limited {
  Velocity velocity;
  bool reduced = false;
};

/// Reduce linear and angular speed by one factor, so that the curvature of the path stays.
Limited within(const Velocity & wanted, const SpeedLimits & limits) noexcept;

}  // namespace care_control

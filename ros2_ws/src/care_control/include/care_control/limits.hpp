// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "care_control/causes.hpp"

namespace care_control {

/// Limits of one axis; linear in m, angular in rad.
struct AxisLimits {
  double up = 0.6;    ///< speeding up [/s^2]
  double down = 1.0;  ///< slowing down [/s^2]
  double jerk = 3.0;  ///< change of acceleration [/s^3]
};

/// A speed and how it changes.
struct AxisState {
  double speed = 0.0;
  double acceleration = 0.0;
};

/// The acceleration to take now towards a target speed: within `limits`, and never more than can
/// still ramp to zero before the target is passed. Reverses only through a stop.
double next_acceleration(const AxisState & now, double target, const AxisLimits & limits,
                         double dt) noexcept;

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

  double speed() const noexcept { return now_.speed; }
  double acceleration() const noexcept { return now_.acceleration; }
  /// Largest speed, without its sign, that the present acceleration leads to while it ramps out.
  double peak(double jerk, double dt) const noexcept;

 private:
  AxisState now_;
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

/// A velocity within limits, and what reduced it most.
struct Limited {
  Velocity velocity;
  bool reduced = false;
  Limiter limiter = Limiter::kNone;
};

/// Reduce linear and angular speed by one factor, so that the curvature of the path stays.
Limited within(const Velocity & wanted, const SpeedLimits & limits) noexcept;

/// Hold each axis back while the other one is still fast, so that wheel speed and lateral
/// acceleration stay within `limits` on the way to `target` too.
/// @param target  Within `limits`; @param peak  largest speeds that the axes will reach by what
/// they do now, both positive.
Velocity hold_back(const Velocity & target, const Velocity & peak,
                   const SpeedLimits & limits) noexcept;

}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "care_control/limits.hpp"
#include "care_control/separation.hpp"
#include "care_control/settings.hpp"

namespace care_control {

/// What the base may do now.
struct Bounds {
  SpeedLimits speed;
  AxisLimits forward;
  AxisLimits reverse;
  AxisLimits angular;
  Braking protective;    ///< of STOPPED and PROTECTIVE_STOP
  Braking estop;         ///< of ESTOP and FAULT
  bool by_lift = false;  ///< the lift lowers the largest speed
};

/// The lift as the base must see it.
struct LiftState {
  double raised = 0.0;  ///< 0: down, 1: fully up
  bool moves = false;   ///< it moves or is to move
};

/// Acceleration at which the robot begins to tip [m/s^2].
double tipping_acceleration(const LiftSettings & settings, double raised) noexcept;

/// The settings as the lift leaves them: a raised lift lowers speed, acceleration and jerk, and
/// even a stop brakes no harder than the robot can stand.
Bounds bounds_of(const Settings & settings, const LiftState & lift) noexcept;

}  // namespace care_control

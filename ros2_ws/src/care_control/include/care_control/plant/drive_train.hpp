// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "care_control/limits.hpp"

namespace care_control {

/// The two driven wheels and the mass that they move.
struct DriveSettings {
  double left_radius = 0.1;     ///< true radius of the left wheel [m]
  double right_radius = 0.1;    ///< [m]
  double half_track = 0.23;     ///< half the true distance between the wheels [m]
  double time_constant = 0.03;  ///< of a wheel's speed loop [s]
  double torque = 12.0;         ///< largest of a wheel [N.m]
  double wheel_inertia = 0.05;  ///< of a wheel with its gear [kg.m^2]
  double mass = 46.0;           ///< of the robot [kg]
  double wheel_load = 0.7;      ///< share of the weight on the two driven wheels
  double drag = 3.0;            ///< of a gear without torque [N.m]
};

/// One wheel in one cycle.
struct WheelCommand {
  double speed = 0.0;    ///< wanted [rad/s]
  bool torque = false;   ///< false: only the gear's drag
  bool blocked = false;  ///< something holds the wheel
  double grip = 0.8;     ///< friction over weight where it stands
};

/// Wheels whose speed loops have a time constant and a torque limit, on a floor with limited grip.
///
/// The sides are taken as independent masses: right for a moment of inertia of mass *
/// half_track^2, which this robot has within a third.
class DriveTrain {
 public:
  explicit DriveTrain(const DriveSettings & settings) noexcept;

  void step(const WheelCommand & left, const WheelCommand & right, double dt) noexcept;

  /// The base stands against something: all motion ends.
  void halt() noexcept { left_.speed = left_.ground = right_.speed = right_.ground = 0.0; }

  double left_speed() const noexcept { return left_.speed; }    ///< of the wheel [rad/s]
  double right_speed() const noexcept { return right_.speed; }  ///< [rad/s]
  /// Of the base over the ground.
  Velocity velocity() const noexcept;
  bool slips() const noexcept { return left_.slips || right_.slips; }

 private:
  struct Side {
    double radius;
    double speed = 0.0;   // of the wheel [rad/s]
    double ground = 0.0;  // of the base above it [m/s]
    bool slips = false;
  };

  double torque(const Side & side, const WheelCommand & command, double dt) const noexcept;
  void step(Side & side, const WheelCommand & command, double dt) const noexcept;
  void slide(Side & side, double torque, double force, double dt) const noexcept;
  double inertia(const Side & side) const noexcept;

  DriveSettings settings_;
  double side_mass_;
  Side left_;
  Side right_;
};

}  // namespace care_control

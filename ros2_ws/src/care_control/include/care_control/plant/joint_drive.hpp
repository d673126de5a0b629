// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "care_control/hardware.hpp"

namespace care_control {

/// A joint with a position servo; m and N for a lift, rad and N.m for a hinge.
struct JointDriveSettings {
  double lower = 0.0;  ///< where it strikes its stop
  double upper = 0.0;
  double start = 0.0;           ///< where it stands at first
  double zero = 0.0;            ///< where the servo, that cannot know better, says 0
  double speed = 0.1;           ///< largest [/s]
  double force = 200.0;         ///< largest of the servo
  double inertia = 5.0;         ///< [kg] or [kg.m^2]
  double weight = 0.0;          ///< force of gravity, downwards
  double position_gain = 20.0;  ///< speed over error [1/s]
  double stiffness = 0.02;      ///< [s] in which the servo takes up an error of speed
  double friction = 0.0;        ///< without torque
  bool brake = false;           ///< holds without torque
  double resolution = 1e-5;     ///< of the measured position
};

/// A servo that follows a position against gravity, between hard stops.
class JointDrive {
 public:
  JointDrive() = default;
  explicit JointDrive(const JointDriveSettings & settings) noexcept
      : settings_(settings), position_(settings.start) {}

  /// One cycle. @param target  position by the servo's zero; @param load  further force downwards,
  /// e.g. of something put on the lift.
  void step(double target, bool torque, double load, double dt) noexcept;

  /// True position, above the true zero.
  double position() const noexcept { return position_; }
  double velocity() const noexcept { return velocity_; }

  /// As the servo reports it.
  JointReading reading() const noexcept;

 private:
  JointDriveSettings settings_;
  double position_ = 0.0;
  double velocity_ = 0.0;
};

}  // namespace care_control

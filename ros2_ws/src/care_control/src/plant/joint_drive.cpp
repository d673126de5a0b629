// SPDX-License-Identifier: Apache-2.0
#include "care_control/plant/joint_drive.hpp"

#include <algorithm>
#include <cmath>

namespace care_control {

void JointDrive::step(double target, bool torque, double load, double dt) noexcept {
  const JointDriveSettings & is = settings_;
  if (torque) {
    const double wanted =
        std::clamp(is.position_gain * (target + is.zero - position_), -is.speed, is.speed);
    // The servo knows its own weight no more than a real one: it sags by what its gain allows.
    const double push =
        std::clamp(is.inertia * (wanted - velocity_) / (is.stiffness + dt), -is.force, is.force);
    velocity_ += (push - is.weight - load) / is.inertia * dt;
  } else if (is.brake) {
    velocity_ = 0.0;
  } else {
    const double sliding = velocity_ - (is.weight + load) / is.inertia * dt;
    const double lost = std::min(std::abs(sliding), is.friction / is.inertia * dt);
    velocity_ = sliding - std::copysign(lost, sliding);
  }
  position_ += velocity_ * dt;
  if (position_ < is.lower || position_ > is.upper) {
    position_ = std::clamp(position_, is.lower, is.upper);
    velocity_ = 0.0;
  }
}

JointReading JointDrive::reading() const noexcept {
  return {std::round((position_ - settings_.zero) / settings_.resolution) * settings_.resolution,
          velocity_, true};
}

}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace care_control {

/// What is measured at the wheels.
struct Wheels {
  double left_angle = 0.0;   ///< [rad], counted on over full turns
  double right_angle = 0.0;  ///< [rad]
  double left_speed = 0.0;   ///< [rad/s]
  double right_speed = 0.0;  ///< [rad/s]
  bool valid = true;         ///< false while the encoders cannot be read
};

}  // namespace care_control

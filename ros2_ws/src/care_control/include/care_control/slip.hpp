// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace care_control {

/// When wheels count as slipping or blocked.
struct SlipSettings {
  bool gyro_required = false;    ///< motion needs a gyroscope
  double gyro_timeout = 0.2;     ///< [s]
  double yaw_difference = 0.25;  ///< of wheels and gyroscope [rad/s], for
  double slip_time = 0.15;       ///< [s], is slip, for
  double fault_time = 2.0;       ///< [s] of slip a fault
  double slip_speed = 0.15;      ///< largest speed while the wheels slip [m/s]
  double following_error = 3.0;  ///< of a wheel's speed [rad/s], for
  double following_time = 0.5;   ///< [s], is a fault
};

}  // namespace care_control

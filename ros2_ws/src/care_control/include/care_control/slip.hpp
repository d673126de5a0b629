// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "care_control/causes.hpp"
#include "care_control/surroundings.hpp"
#include "care_control/wheels.hpp"

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

/// What the wheels were told and did, and what the gyroscope says.
struct WheelWatch {
  Wheels measured;
  double left_speed = 0.0;   ///< told [rad/s]
  double right_speed = 0.0;  ///< told [rad/s]
  double yaw_rate = 0.0;     ///< by the wheels [rad/s]
  bool torque = false;       ///< without it the wheels follow nothing
  bool rests = false;        ///< told to stand, and standing
  Gyro gyro;
};

/// Tells blocked wheels, which do not do as told, and slipping ones, which turn while the base
/// does not turn with them.
class SlipWatch {
 public:
  /// One cycle. @return bits of Cause.
  std::uint32_t update(double dt, std::int64_t now_ns, const WheelWatch & watch,
                       const SlipSettings & settings) noexcept;

  bool slips() const noexcept { return slips_; }
  /// Of the gyroscope, learnt at rest [rad/s].
  double bias() const noexcept { return bias_; }

 private:
  bool blocked(double dt, const WheelWatch & watch, const SlipSettings & settings) noexcept;
  std::uint32_t compare(double dt, const WheelWatch & watch,
                        const SlipSettings & settings) noexcept;

  double blocked_s_ = 0.0;
  double differing_s_ = 0.0;  ///< how long wheels and gyroscope have differed
  double agreeing_s_ = 0.0;
  double slipping_s_ = 0.0;
  double difference_ = 0.0;  ///< evened out [rad/s]
  double bias_ = 0.0;
  bool biased_ = false;
  bool slips_ = false;
};

}  // namespace care_control

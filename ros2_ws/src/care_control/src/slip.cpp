// SPDX-License-Identifier: Apache-2.0
#include "care_control/slip.hpp"

#include <algorithm>
#include <cmath>

namespace care_control {
namespace {

constexpr double kSmoothing = 0.05;   // [s]: encoder steps and gyroscope noise
constexpr double kBiasTime = 2.0;     // [s] at rest to learn the bias
constexpr double kLargestBias = 0.1;  // [rad/s]: more is no bias
constexpr double kRelease = 0.5;      // [s] of agreement until slip is over

}  // namespace

std::uint32_t SlipWatch::update(double dt, std::int64_t now_ns, const WheelWatch & watch,
                                const SlipSettings & settings) noexcept {
  std::uint32_t causes = blocked(dt, watch, settings) ? kWheelsDoNotFollow : 0U;
  const Gyro & gyro = watch.gyro;
  const bool silent =
      older(gyro.received_ns, now_ns, settings.gyro_timeout) || !std::isfinite(gyro.yaw_rate);
  if (silent) {
    slips_ = false;
    difference_ = differing_s_ = slipping_s_ = 0.0;
    return causes | (settings.gyro_required ? kGyroSilent : 0U);
  }
  return causes | compare(dt, watch, settings);
}

bool SlipWatch::blocked(double dt, const WheelWatch & watch,
                        const SlipSettings & settings) noexcept {
  const double error = std::max(std::abs(watch.measured.left_speed - watch.left_speed),
                                std::abs(watch.measured.right_speed - watch.right_speed));
  blocked_s_ = watch.torque && error > settings.following_error ? blocked_s_ + dt : 0.0;
  return blocked_s_ > settings.following_time;
}

std::uint32_t SlipWatch::compare(double dt, const WheelWatch & watch,
                                 const SlipSettings & settings) noexcept {
  const double share = 1.0 - std::exp(-dt / kSmoothing);
  if (watch.rests && std::abs(watch.gyro.yaw_rate) < kLargestBias) {
    // The first value counts fully, so that a start-up does not begin with a wrong bias.
    bias_ += (watch.gyro.yaw_rate - bias_) * (biased_ ? 1.0 - std::exp(-dt / kBiasTime) : 1.0);
    biased_ = true;
  }
  difference_ += (watch.gyro.yaw_rate - bias_ - watch.yaw_rate - difference_) * share;
  const bool differs = std::abs(difference_) > settings.yaw_difference;
  differing_s_ = differs ? differing_s_ + dt : 0.0;
  agreeing_s_ = differs ? 0.0 : agreeing_s_ + dt;
  if (differing_s_ > settings.slip_time) {
    slips_ = true;
  } else if (agreeing_s_ > kRelease) {
    slips_ = false;
  }
  slipping_s_ = slips_ ? slipping_s_ + dt : 0.0;
  return (slips_ ? kWheelsSlip : 0U) | (slipping_s_ > settings.fault_time ? kSlippedTooLong : 0U);
}

}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#include "care_control/limits.hpp"

#include <algorithm>
#include <cmath>

namespace care_control {

double AxisRamp::follow(double target, const AxisLimits & limits, double dt) noexcept {
  if (target * speed_ < 0.0) {
    target = 0.0;
  }
  const double error = target - speed_;
  const double cap = std::abs(target) < std::abs(speed_) ? limits.down : limits.up;
  const double step = limits.jerk * dt;
  // Largest acceleration that can still ramp to zero without passing the target.
  const double reach =
      limits.jerk * (-dt / 2 + std::sqrt(dt * dt / 4 + 2 * std::abs(error) / limits.jerk));
  double want = std::copysign(std::min(cap, reach), error);
  const double landing = error / dt;
  if (std::abs(landing) <= cap && std::abs(landing - acceleration_) <= step &&
      std::abs(landing) <= step) {
    want = landing;
  }
  acceleration_ = std::clamp(want, acceleration_ - step, acceleration_ + step);
  speed_ += acceleration_ * dt;
  if (std::abs(target - speed_) < 1e-12) {
    speed_ = target;
  }
  return speed_;
}

double AxisRamp::brake(double deceleration, double dt) noexcept {
  const double drop = deceleration * dt;
  speed_ = std::abs(speed_) <= drop ? 0.0 : speed_ - std::copysign(drop, speed_);
  // What follows begins without acceleration: a jerk-limited way out of hard braking would lead
  // through zero into reverse.
  acceleration_ = 0.0;
  return speed_;
}

Limited within(const Velocity & wanted, const SpeedLimits & limits) noexcept {
  const double v = std::abs(wanted.linear);
  const double w = std::abs(wanted.angular);
  const double v_max = wanted.linear < 0.0 ? limits.reverse : limits.linear;
  const double wheel = (v + w * limits.half_track) / limits.wheel_radius;
  double scale = 1.0;
  if (v > v_max) {
    scale = std::min(scale, v_max / v);
  }
  if (w > limits.angular) {
    scale = std::min(scale, limits.angular / w);
  }
  if (wheel > limits.wheel) {
    scale = std::min(scale, limits.wheel / wheel);
  }
  if (v * w > limits.lateral) {
    scale = std::min(scale, std::sqrt(limits.lateral / (v * w)));
  }
  return {{wanted.linear * scale, wanted.angular * scale}, scale < 1.0};
}

}  // namespace care_control

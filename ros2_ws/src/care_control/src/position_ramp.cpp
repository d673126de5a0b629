// SPDX-License-Identifier: Apache-2.0
#include "care_control/position_ramp.hpp"

#include <algorithm>
#include <cmath>

namespace care_control {
namespace {

constexpr int kHalvings = 20;

/// Time of a way from rest to rest with a top speed.
double duration_of(double way, double speed, const AxisLimits & limits) noexcept {
  const double full = limits.down * limits.down / limits.jerk;  // below, `down` is not reached
  const double ramp = speed >= full ? speed / limits.down + limits.down / limits.jerk
                                    : 2 * std::sqrt(speed / limits.jerk);
  return way / speed + ramp;
}

}  // namespace

double stopping_way(const AxisState & now, const AxisLimits & limits) noexcept {
  const double jerk = limits.jerk;
  double way = 0.0;
  double v = now.speed;
  double b = -now.acceleration;  // deceleration
  if (b < 0.0) {                 // first let the acceleration ramp out
    way = v * -b / jerk - b * b * b / (3 * jerk * jerk);
    v += b * b / (2 * jerk);
    b = 0.0;
  }
  if (v <= b * b / (2 * jerk)) {  // braking already more than it takes
    return way + v * b / jerk - b * b * b / (3 * jerk * jerk);
  }
  const double top = std::clamp(std::sqrt(jerk * v + b * b / 2), b, std::max(b, limits.down));
  const double t = (top - b) / jerk;
  way += v * t - b * t * t / 2 - jerk * t * t * t / 6;
  v -= (top * top - b * b) / (2 * jerk);
  const double last = top * top / (2 * jerk);
  if (v > last) {  // a while at full deceleration
    way += (v * v - last * last) / (2 * top);
  }
  return way + top * top * top / (6 * jerk * jerk);
}

double speed_for(double way, double duration, double fastest, const AxisLimits & limits) noexcept {
  if (!(way > 0.0) || duration_of(way, fastest, limits) >= duration) {
    return fastest;
  }
  double low = 0.0;
  double high = fastest;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (duration_of(way, middle, limits) > duration ? low : high) = middle;
  }
  return high;
}

void PositionRamp::place(double position) noexcept {
  position_ = position;
  now_ = {};
}

void PositionRamp::advance(double acceleration, double dt) noexcept {
  now_.acceleration = acceleration;
  now_.speed += acceleration * dt;
  position_ += now_.speed * dt;
}

double PositionRamp::follow(double target, double fastest, const AxisLimits & limits,
                            double dt) noexcept {
  if (target == position_ && rests()) {
    return position_;
  }
  const double side = target < position_ ? -1.0 : 1.0;
  const double way = side * (target - position_);
  const AxisState ahead{side * now_.speed, side * now_.acceleration};
  const auto stops_in_time = [&](double acceleration) {
    const double speed = ahead.speed + acceleration * dt;
    return speed <= 0.0 || speed * dt + stopping_way({speed, acceleration}, limits) <= way;
  };
  double high = next_acceleration(ahead, fastest, limits, dt);
  double low = next_acceleration(ahead, 0.0, limits, dt);
  if (stops_in_time(high)) {
    low = high;
  } else if (stops_in_time(low)) {
    for (int i = 0; i < kHalvings; ++i) {
      const double middle = (low + high) / 2;
      (stops_in_time(middle) ? low : high) = middle;
    }
  }
  const double step = limits.jerk * dt;
  const bool may_end = std::abs(now_.acceleration) <= step;
  advance(side * low, dt);
  if (may_end && std::abs(target - position_) <= step * dt * dt &&
      std::abs(now_.speed) <= step * dt) {
    place(target);
  }
  return position_;
}

double PositionRamp::rest(const AxisLimits & limits, double dt) noexcept {
  const double step = limits.jerk * dt;
  const bool may_end = std::abs(now_.acceleration) <= step;
  advance(next_acceleration(now_, 0.0, limits, dt), dt);
  if (may_end && std::abs(now_.speed) <= step * dt) {
    place(position_);
  }
  return position_;
}

}  // namespace care_control

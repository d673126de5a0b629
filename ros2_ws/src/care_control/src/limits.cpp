// SPDX-License-Identifier: Apache-2.0
#include "care_control/limits.hpp"

#include <algorithm>
#include <cmath>

namespace care_control {
namespace {

/// `amount / share`, without bound where there is no share.
double part(double amount, double share) noexcept {
  return share > 0.0 ? amount / share : HUGE_VAL;
}

}  // namespace

double next_acceleration(const AxisState & now, double target, const AxisLimits & limits,
                         double dt) noexcept {
  if (target * now.speed < 0.0) {
    target = 0.0;
  }
  const double error = target - now.speed;
  const double cap = std::abs(target) < std::abs(now.speed) ? limits.down : limits.up;
  const double step = limits.jerk * dt;
  // Largest acceleration that can still ramp to zero without passing the target.
  const double reach =
      limits.jerk * (-dt / 2 + std::sqrt(dt * dt / 4 + 2 * std::abs(error) / limits.jerk));
  double want = std::copysign(std::min(cap, reach), error);
  const double landing = error / dt;
  if (std::abs(landing) <= cap && std::abs(landing - now.acceleration) <= step &&
      std::abs(landing) <= step) {
    want = landing;
  }
  return std::clamp(want, now.acceleration - step, now.acceleration + step);
}

double AxisRamp::follow(double target, const AxisLimits & limits, double dt) noexcept {
  now_.acceleration = next_acceleration(now_, target, limits, dt);
  now_.speed += now_.acceleration * dt;
  const double aim = target * now_.speed < 0.0 ? 0.0 : target;
  if (std::abs(aim - now_.speed) < 1e-12) {
    now_.speed = aim;
  }
  return now_.speed;
}

double AxisRamp::brake(double deceleration, double dt) noexcept {
  const double drop = deceleration * dt;
  now_.speed = std::abs(now_.speed) <= drop ? 0.0 : now_.speed - std::copysign(drop, now_.speed);
  // What follows begins without acceleration: a jerk-limited way out of hard braking would lead
  // through zero into reverse.
  now_.acceleration = 0.0;
  return now_.speed;
}

double AxisRamp::peak(double jerk, double dt) const noexcept {
  const double a = now_.speed < 0.0 ? -now_.acceleration : now_.acceleration;
  const double rise = now_.speed == 0.0 ? std::abs(a) : a;
  return std::abs(now_.speed) +
         (rise > 0.0 ? std::max(0.0, rise * rise / (2 * jerk) - rise * dt / 2) : 0.0);
}

Limited within(const Velocity & wanted, const SpeedLimits & limits) noexcept {
  const double v = std::abs(wanted.linear);
  const double w = std::abs(wanted.angular);
  const double v_max = wanted.linear < 0.0 ? limits.reverse : limits.linear;
  const double wheel = (v + w * limits.half_track) / limits.wheel_radius;
  Limited limited;
  double scale = 1.0;
  const auto reduce = [&](double share, Limiter limiter) {
    if (share < scale) {
      scale = share;
      limited.limiter = limiter;
    }
  };
  reduce(part(v_max, v), Limiter::kSpeed);
  reduce(part(limits.angular, w), Limiter::kSpeed);
  reduce(part(limits.wheel, wheel), Limiter::kWheel);
  reduce(std::sqrt(part(limits.lateral, v * w)), Limiter::kLateral);
  limited.velocity = {wanted.linear * scale, wanted.angular * scale};
  limited.reduced = scale < 1.0;
  return limited;
}

Velocity hold_back(const Velocity & target, const Velocity & peak,
                   const SpeedLimits & limits) noexcept {
  // Neither axis may grow into the room that the other one holds or is about to take; slowing down
  // is always free. So each present peak and each target lie together within the limits, and with
  // them all that comes between.
  const double rim = limits.wheel * limits.wheel_radius;
  const double w_busy = std::max(peak.angular, std::abs(target.angular));
  const double v = std::min({std::abs(target.linear), part(limits.lateral, w_busy),
                             std::max(0.0, rim - w_busy * limits.half_track)});
  const double v_busy = std::max(peak.linear, v);
  const double w = std::min({std::abs(target.angular), part(limits.lateral, v_busy),
                             std::max(0.0, part(std::max(0.0, rim - v_busy), limits.half_track))});
  return {std::copysign(v, target.linear), std::copysign(w, target.angular)};
}

}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#include "care_control/lift.hpp"

#include <algorithm>

namespace care_control {
namespace {

constexpr double kGravity = 9.81;  // [m/s^2]

AxisLimits at_most(const AxisLimits & limits, double acceleration, double jerk_share) noexcept {
  return {std::min(limits.up, acceleration), std::min(limits.down, acceleration),
          limits.jerk * jerk_share};
}

}  // namespace

double tipping_acceleration(const LiftSettings & settings, double raised) noexcept {
  const double height =
      settings.mass_height + (settings.mass_height_up - settings.mass_height) * raised;
  return kGravity * settings.half_base / height;
}

Bounds bounds_of(const Settings & settings, const LiftState & lift) noexcept {
  Bounds bounds{settings.speed,
                settings.linear,
                settings.linear_reverse,
                settings.angular,
                {settings.protective_linear, settings.protective_angular},
                {settings.estop_linear, settings.estop_angular},
                false};
  const LiftSettings & own = settings.lift;
  if (!own.present) {
    return bounds;
  }
  const double raised = std::clamp(lift.raised, 0.0, 1.0);
  const double tipping = tipping_acceleration(own, raised);
  const double ordinary = own.tip_share * tipping;
  const double hardest = own.tip_share_stop * tipping;
  const double jerk_share = tipping / tipping_acceleration(own, 0.0);
  bounds.forward = at_most(bounds.forward, ordinary, jerk_share);
  bounds.reverse = at_most(bounds.reverse, ordinary, jerk_share);
  bounds.speed.lateral = std::min(bounds.speed.lateral, ordinary);
  bounds.protective.linear = std::min(bounds.protective.linear, hardest);
  bounds.estop.linear = std::min(bounds.estop.linear, hardest);

  const double top = std::max(settings.speed.linear, own.raised_speed);
  double most = top + (own.raised_speed - top) * raised;
  if (lift.moves) {
    most = std::min(most, own.moving_speed);
    bounds.speed.angular =
        std::min(bounds.speed.angular, own.moving_speed / settings.speed.half_track);
  }
  bounds.by_lift = most < settings.speed.linear;
  bounds.speed.linear = std::min(bounds.speed.linear, most);
  bounds.speed.reverse = std::min(bounds.speed.reverse, most);
  return bounds;
}

}  // namespace care_control

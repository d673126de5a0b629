// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "care_control/limits.hpp"

namespace care_control {

/// Way until rest [m or rad] from a speed >= 0 by braking within `limits`; negative when the
/// present deceleration leads to rest behind.
double stopping_way(const AxisState & now, const AxisLimits & limits) noexcept;

/// Largest speed at which a way >= 0 takes `duration` [s] from rest to rest, or `fastest` when even
/// that takes longer.
double speed_for(double way, double duration, double fastest, const AxisLimits & limits) noexcept;

/// Position of one joint that goes to targets within speed, acceleration and jerk and is at rest
/// there: in each cycle the largest acceleration from which it can still stop before the target.
class PositionRamp {
 public:
  /// Be at rest at a position.
  void place(double position) noexcept;

  /// One cycle towards `target`, which may change at any time. @return the new position.
  double follow(double target, double fastest, const AxisLimits & limits, double dt) noexcept;

  /// One cycle of coming to rest. @return the new position.
  double rest(const AxisLimits & limits, double dt) noexcept;

  double position() const noexcept { return position_; }
  double speed() const noexcept { return now_.speed; }
  double acceleration() const noexcept { return now_.acceleration; }
  bool rests() const noexcept { return now_.speed == 0.0 && now_.acceleration == 0.0; }

 private:
  void advance(double acceleration, double dt) noexcept;

  double position_ = 0.0;
  AxisState now_;
};

}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "care_control/limits.hpp"

namespace care_control {

/// Pose in the odom frame.
struct Pose {
  double x = 0.0;    ///< [m]
  double y = 0.0;    ///< [m]
  double yaw = 0.0;  ///< [rad], -pi..pi
};

/// Pose of a differential drive from its wheel angles: exact arcs, and how sure it is.
class Odometry {
 public:
  /// @param wheel_radius [m], @param track  distance between the wheels [m].
  Odometry(double wheel_radius, double track) : radius_(wheel_radius), track_(track) {}

  /// Take the wheel angles [rad], counted on over full turns. The first call only remembers them.
  void update(double left_angle, double right_angle, double dt) noexcept;

  const Pose & pose() const noexcept { return pose_; }
  /// Measured over the last cycle.
  const Velocity & velocity() const noexcept { return velocity_; }
  /// Covariance of x, y, yaw, row by row.
  const std::array<double, 9> & covariance() const noexcept { return covariance_; }

 private:
  void grow(double left, double right, double distance, double middle_yaw) noexcept;

  double radius_;
  double track_;
  double left_ = 0.0;
  double right_ = 0.0;
  bool started_ = false;
  Pose pose_;
  Velocity velocity_;
  std::array<double, 9> covariance_{};
};

}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>

#include "care_control/limits.hpp"

namespace care_control {

/// Pose in the odom frame.
struct Pose {
  double x = 0.0;    ///< [m]
  double y = 0.0;    ///< [m]
  double yaw = 0.0;  ///< [rad], -pi..pi
};

/// What turns wheel angles into ways.
struct OdometrySettings {
  double wheel_radius = 0.1;  ///< [m]
  double track = 0.46;        ///< distance between the wheels [m]
  double left_scale = 1.0;    ///< calibration of the left wheel's radius
  double right_scale = 1.0;   ///< of the right wheel's
  double track_scale = 1.0;   ///< of the distance between the wheels
  double encoder_span = 0.0;  ///< angle after which the encoders begin again [rad], 0: never
  double variance = 1e-4;     ///< of a wheel's way, per metre of way [m]: 1 cm after 1 m
};

/// Pose of a differential drive from its wheel angles: exact arcs, and how sure it is.
class Odometry {
 public:
  explicit Odometry(const OdometrySettings & settings) : settings_(settings) {}

  /// Take the wheel angles [rad]. The first call only remembers them.
  /// @param dt  Since the last call [s]; after a dropout it spans the gap.
  /// @param doubt  Factor on the variance, above 1 while the wheels slip.
  void update(double left_angle, double right_angle, double dt, double doubt = 1.0) noexcept;

  /// Way between two encoder angles [rad], the shorter one where the encoder begins again.
  double turned(double from, double to) const noexcept;

  const Pose & pose() const noexcept { return pose_; }
  /// Measured: the mean over the last kWindow cycles.
  const Velocity & velocity() const noexcept { return velocity_; }
  /// Covariance of x, y, yaw, row by row [m^2, m.rad, rad^2].
  const std::array<double, 9> & covariance() const noexcept { return covariance_; }
  /// Covariance of linear and turning speed, row by row [(m/s)^2, m/s.rad/s, (rad/s)^2].
  const std::array<double, 4> & velocity_covariance() const noexcept {
    return velocity_covariance_;
  }

 private:
  static constexpr std::size_t kWindow = 16;

  struct Way {
    double left = 0.0, right = 0.0, dt = 0.0;
  };

  void grow(const Way & way, double distance, double middle_yaw, double doubt) noexcept;
  void average(const Way & way, double doubt) noexcept;
  double track() const noexcept { return settings_.track * settings_.track_scale; }

  OdometrySettings settings_;
  double left_ = 0.0;
  double right_ = 0.0;
  bool started_ = false;
  Pose pose_;
  Velocity velocity_;
  std::array<Way, kWindow> ways_{};
  std::size_t newest_ = 0;
  std::array<double, 9> covariance_{};
  std::array<double, 4> velocity_covariance_{};
};

}  // namespace care_control

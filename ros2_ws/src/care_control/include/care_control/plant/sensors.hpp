// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "care_control/plant/random.hpp"
#include "care_control/plant/room.hpp"
#include "care_control/surroundings.hpp"

namespace care_control {

constexpr std::uint32_t kMaxRays = 512;

/// A laser scanner that sweeps from right to left.
struct LaserSettings {
  double x = 0.25;           ///< ahead of base_footprint [m]
  double half_view = 2.0;    ///< either side of ahead [rad]; the cabinet hides the rest
  std::uint32_t rays = 460;  ///< of one sweep, 2..kMaxRays
  double period = 0.05;      ///< of a sweep [s]
  double delay = 0.02;  ///< from the end of a sweep until it is received, less than the period [s]
  double reach = 12.0;  ///< [m]
  double noise = 0.01;  ///< standard deviation of a distance [m]
};

/// Casts each ray when the sweep passes it, as the real one does, and hands over whole sweeps.
class Laser {
 public:
  Laser(const LaserSettings & settings, Random & random) noexcept;

  /// One cycle. @return true when a scan has been received in it.
  bool step(std::int64_t now_ns, double dt, const Scene & scene, const Pose & pose,
            Scan & scan) noexcept;

 private:
  void look(const Scene & scene, const Pose & pose, std::uint32_t due) noexcept;
  void see(const Point & ray, double distance) noexcept;
  void begin() noexcept;

  LaserSettings settings_;
  Random random_;
  std::array<Point, kMaxRays> rays_{};  ///< directions from the laser
  Scan sweep_;
  Scan on_the_way_;
  double time_s_;            ///< into the sweep
  double arrives_s_ = -1.0;  ///< until the scan on the way is received; negative: none
  std::uint32_t next_ray_;
};

/// One range sensor on the outline of the base.
struct RangePlace {
  double x = -0.28;  ///< [m] in base_footprint
  double y = 0.0;
  double half_angle = 0.35;  ///< of its cone [rad]; its axis comes from base_footprint
};

/// Range sensors, asked in turn.
struct RangeSettings {
  std::array<RangePlace, kMaxRanges> places{
      {{-0.28, 0.0, 0.35}, {-0.28, 0.2, 0.35}, {-0.28, -0.2, 0.35}}};
  std::uint32_t count = 3;
  double period = 0.06;  ///< from one measurement of a sensor to its next [s]
  double reach = 4.0;    ///< [m]
  double noise = 0.01;   ///< [m]
};

/// Ultrasound: the nearest thing in a cone.
class RangeSensors {
 public:
  RangeSensors(const RangeSettings & settings, Random & random) noexcept;

  /// One cycle: measures at most one sensor, into its place of `ranges`.
  void step(std::int64_t now_ns, double dt, const Scene & scene, const Pose & pose,
            std::array<Range, kMaxRanges> & ranges) noexcept;

 private:
  Range measure(const RangePlace & place, const Scene & scene, const Pose & pose) noexcept;

  RangeSettings settings_;
  Random random_;
  double until_next_s_;
  std::uint32_t next_ = 0;
};

/// A gyroscope whose zero wanders.
struct GyroSettings {
  double period = 0.005;  ///< [s]
  double bias = 0.005;    ///< largest at start [rad/s]
  double drift = 1e-4;    ///< of the bias in a second, standard deviation [rad/s]
  double noise = 0.002;   ///< standard deviation [rad/s]
};

class Gyroscope {
 public:
  Gyroscope(const GyroSettings & settings, Random & random) noexcept;

  void step(std::int64_t now_ns, double dt, double yaw_rate, Gyro & gyro) noexcept;

  double bias() const noexcept { return bias_; }

 private:
  GyroSettings settings_;
  Random random_;
  double bias_;
  double until_next_s_ = 0.0;
};

}  // namespace care_control

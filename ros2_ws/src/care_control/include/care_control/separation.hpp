// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "care_control/limits.hpp"
#include "care_control/surroundings.hpp"

namespace care_control {

/// How far to keep from what stands around the base. The base is a rectangle around base_footprint.
struct SeparationSettings {
  bool scan_required = false;    ///< a missing scan counts as distance zero all around
  double half_length = 0.30;     ///< of the base [m]
  double half_width = 0.25;      ///< of the base [m]
  double side_margin = 0.10;     ///< beyond the width that the path is kept free [m]
  double person_speed = 1.6;     ///< at which a person may come nearer [m/s]
  double sensor_timeout = 0.25;  ///< oldest scan or range that counts [s]
  double latency = 0.05;         ///< of transport, control and drives [s]
  double margin = 0.15;          ///< error of the sensors, reach of a hand or foot [m]
  double hysteresis = 0.10;      ///< that a gap must open before speed rises [m]
  double release_time = 1.0;     ///< that the way must be free before motion goes on [s]
  double creep_speed = 0.0;      ///< allowed closer than a walking person needs, 0: none [m/s]
};

/// What the surroundings allow, by direction.
struct SeparationReport {
  double front_gap = 0.0;   ///< free way ahead, from the base's edge [m]
  double rear_gap = 0.0;    ///< [m]
  double around_gap = 0.0;  ///< from the circle that a turn on the spot needs [m]
  double forward = 0.0;     ///< largest speeds [m/s]
  double reverse = 0.0;     ///< [m/s], positive
  double turning = 0.0;     ///< [rad/s], either way
  bool stopped = false;     ///< the direction of travel is not free: brake and stand
  std::uint32_t stale = 0;  ///< bit 0: scan; bit 1 + i: range i
};

/// Decelerations that a protective stop brakes with.
struct Braking {
  double linear = 2.0;   ///< [m/s^2]
  double angular = 4.0;  ///< [rad/s^2]
};

/// Largest speed v [m/s] for a free way d [m]: v^2/(2a) + v (t + h/a) + h t + margin <= d, with a
/// the braking, t the time until it begins and h the speed of a person who comes nearer: robot and
/// person together then never close the way before the robot is at rest.
double separation_speed(double gap, double person_speed, double braking,
                        const SeparationSettings & settings) noexcept;

/// The free way d [m] that a speed asks for: the inverse of `separation_speed`.
double separation_distance(double speed, double person_speed, double braking,
                           const SeparationSettings & settings) noexcept;

/// Speed and separation: how fast the base may go in which direction, by scan and ranges.
///
/// What is too old, missing or not a number counts as distance zero in all that its sensor sees.
/// What stands beside the path is not counted: a wall along a corridor does not stop the base.
class Separation {
 public:
  Separation();

  /// One cycle.
  /// @param moving  the base's speed; @param wanted  the speed that is commanded.
  const SeparationReport & update(const Surroundings & seen, std::int64_t now_ns, double dt,
                                  const Velocity & moving, const Velocity & wanted,
                                  const SeparationSettings & settings,
                                  const Braking & braking) noexcept;

 private:
  struct Point {
    double x = 0.0, y = 0.0;  ///< [m] in base_footprint
  };
  struct Way {
    double curvature = 0.0;  ///< of the path [1/m]
    double speed = 0.0;      ///< by which points have come nearer since they were seen [m/s]
    double reach = 0.0;      ///< from base_footprint, that the base keeps free at its speed [m]
  };

  void measure(const Surroundings & seen, std::int64_t now_ns, const SeparationSettings & settings,
               const Way & way) noexcept;
  void measure_scan(const Scan & scan, std::int64_t now_ns, bool fresh,
                    const SeparationSettings & settings, const Way & way) noexcept;
  void measure_range(const Range & range, std::int64_t now_ns, bool fresh,
                     const SeparationSettings & settings, const Way & way) noexcept;
  void take(const Point & point, const SeparationSettings & settings, const Way & way) noexcept;
  void block(double bearing, double half_angle) noexcept;
  void judge(double dt, const Velocity & moving, const Velocity & wanted,
             const SeparationSettings & settings) noexcept;

  std::array<Point, kSectors> bearings_{};  ///< unit vectors to the middles of the sectors
  SeparationReport report_;
  double front_ = 0.0;  ///< this cycle's gaps [m]
  double rear_ = 0.0;
  double around_ = 0.0;
  double free_s_ = 0.0;  ///< how long the way has been free
};

}  // namespace care_control

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
  double release_time = 1.0;     ///< that a stop zone must be empty before motion [s]
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
  bool stopped = false;     ///< the direction of travel is blocked
  std::uint32_t stale = 0;  ///< bit 0: scan; bit 1 + i: range i
};

}  // namespace care_control

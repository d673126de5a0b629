// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "care_control/steady_time.hpp"

namespace care_control {

constexpr std::size_t kSectors = 72;   ///< of the scan, 5 degrees each
constexpr std::size_t kMaxRanges = 8;  ///< single range sensors

/// Nearest thing around the base by bearing, as the laser scanner last saw it.
///
/// Sector i spans bearings [i, i + 1) * 2 pi / kSectors from straight ahead, counter-clockwise;
/// distances are from base_footprint. A sector that the scanner cannot see stays at infinity.
struct Scan {
  std::array<float, kSectors> distance{};  ///< [m], infinity: nothing in reach
  std::int64_t received_ns = kNever;       ///< steady time
  bool valid = false;                      ///< false: too few usable rays, or malformed
};

/// One range sensor, e.g. ultrasound at the rear.
struct Range {
  double bearing = 0.0;               ///< of its axis from straight ahead [rad]
  double half_angle = 0.0;            ///< of its cone [rad]
  double distance = 0.0;              ///< from base_footprint [m], infinity: nothing in reach
  std::int64_t received_ns = kNever;  ///< steady time
};

/// Turning speed by gyroscope.
struct Gyro {
  double yaw_rate = 0.0;              ///< [rad/s], counter-clockwise
  std::int64_t received_ns = kNever;  ///< steady time
};

/// All that is known of what stands around the base; goes through a mailbox.
struct Surroundings {
  Scan scan;
  std::array<Range, kMaxRanges> ranges{};
  std::uint32_t range_count = 0;
  Gyro gyro;
};

}  // namespace care_control

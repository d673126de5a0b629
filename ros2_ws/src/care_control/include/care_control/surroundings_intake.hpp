// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "care_control/surroundings.hpp"

namespace care_control {

/// Where a sensor looks from: in base_footprint, yaw counter-clockwise from straight ahead.
struct SensorPlace {
  double x = 0.0;    ///< [m]
  double y = 0.0;    ///< [m]
  double yaw = 0.0;  ///< [rad]
};

/// Why a measurement of the surroundings is refused.
enum class SensorRefusal : std::uint8_t {
  kNone,       ///< accepted
  kMalformed,  ///< sizes, angles or limits that make no sense, or nothing usable in it
  kExpired,    ///< its stamp is older than the limit
  kFuture,     ///< its stamp lies in the future: a clock is wrong
  kUnknown,    ///< from a sensor that is not configured, or one that says it measures nothing
};
constexpr std::size_t kSensorRefusals = 5;

/// Name of a refusal, e.g. "malformed".
const char * name_of(SensorRefusal refusal) noexcept;

/// A sweep as it came in. Distances by REP 117: infinity nothing in reach, -infinity too near,
/// not a number or out of the limits: no measurement.
struct RawScan {
  double angle_min = 0.0;        ///< of the first ray [rad]
  double angle_increment = 0.0;  ///< [rad], negative for a sweep clockwise
  double range_min = 0.0;        ///< [m]
  double range_max = 0.0;        ///< [m]
  const float * ranges = nullptr;
  std::size_t count = 0;
};

/// A single distance as it came in; by REP 117 too.
struct RawRange {
  double field_of_view = 0.0;  ///< [rad]
  double range_min = 0.0;      ///< [m]
  double range_max = 0.0;      ///< [m]
  double range = 0.0;          ///< [m]
};

/// When a measurement was made and when it came.
struct Timing {
  std::int64_t stamp_ns = 0;   ///< ROS time of the measurement
  std::int64_t ros_ns = 0;     ///< ROS time of receipt
  std::int64_t steady_ns = 0;  ///< steady time of receipt
};

/// Turns messages of scanner, range sensors and gyroscope into what the core sees; counts refusals.
/// What is refused changes nothing, so that it grows old, which the core takes as distance zero.
class SurroundingsIntake {
 public:
  /// @param laser  Place of the scanner; @param least_share  of its rays that must be usable, 0..1;
  /// @param ranges  places of the range sensors, kMaxRanges at most; @param oldest_s  largest age
  /// of a stamp [s].
  SurroundingsIntake(const SensorPlace & laser, double least_share,
                     const std::vector<SensorPlace> & ranges, double oldest_s);

  SensorRefusal take_scan(const RawScan & raw, const Timing & timing);
  SensorRefusal take_range(std::size_t sensor, const RawRange & raw, const Timing & timing);
  /// @param known  false when the message says that it does not measure turning.
  SensorRefusal take_gyro(double yaw_rate, bool known, const Timing & timing);

  const Surroundings & surroundings() const { return surroundings_; }
  std::uint64_t accepted() const { return counts_[0]; }
  std::uint64_t refused(SensorRefusal refusal) const {
    return counts_[static_cast<std::size_t>(refusal)];
  }

 private:
  SensorRefusal judge(const Timing & timing) const;
  SensorRefusal count(SensorRefusal refusal);
  SensorRefusal sweep(const RawScan & raw, Scan & scan) const;

  SensorPlace laser_;
  double least_share_;
  std::vector<SensorPlace> places_;
  std::int64_t oldest_ns_;
  Surroundings surroundings_;
  std::array<std::uint64_t, kSensorRefusals> counts_{};
};

}  // namespace care_control

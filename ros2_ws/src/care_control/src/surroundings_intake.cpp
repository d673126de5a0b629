// SPDX-License-Identifier: Apache-2.0
#include "care_control/surroundings_intake.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace care_control {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr std::int64_t kAhead = 100'000'000;  // [ns] that clocks of two machines may differ
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kUnusable = -1.0;  // no distance can be negative

/// Distance by REP 117; kUnusable for what is no measurement.
double usable(double range, double least, double most) {
  if (range == -kInfinity) {
    return 0.0;  // something touches the sensor
  }
  return range == kInfinity || (range >= least && range <= most) ? range : kUnusable;
}

std::size_t sector_of(double bearing) {
  const double turns = bearing / (2 * kPi);
  const auto sector = static_cast<std::size_t>((turns - std::floor(turns)) * kSectors);
  return std::min(sector, kSectors - 1);
}

/// What lies at a distance from a sensor, as bearing and distance from base_footprint.
struct Polar {
  double bearing;
  double distance;
};

Polar from_base(const SensorPlace & place, double direction, double distance) {
  if (std::isinf(distance)) {
    return {direction, kInfinity};
  }
  const double x = place.x + distance * std::cos(direction);
  const double y = place.y + distance * std::sin(direction);
  return {std::atan2(y, x), std::hypot(x, y)};
}

bool limits_make_sense(double least, double most) {
  return std::isfinite(least) && least >= 0 && most > least;
}

/// Steady time of the measurement: its age by the stamp counts too.
std::int64_t measured_ns(const Timing & timing) {
  return timing.steady_ns - std::max<std::int64_t>(0, timing.ros_ns - timing.stamp_ns);
}

}  // namespace

const char * name_of(SensorRefusal refusal) noexcept {
  constexpr std::array<const char *, kSensorRefusals> kNames = {"accepted", "malformed", "expired",
                                                                "from the future", "unknown"};
  return kNames[static_cast<std::size_t>(refusal)];
}

SurroundingsIntake::SurroundingsIntake(const SensorPlace & laser, double least_share,
                                       const std::vector<SensorPlace> & ranges, double oldest_s)
    : laser_(laser),
      least_share_(least_share),
      places_(ranges),
      oldest_ns_(static_cast<std::int64_t>(oldest_s * 1e9)) {
  if (ranges.size() > kMaxRanges) {
    throw std::invalid_argument("too many range sensors");
  }
  surroundings_.range_count = static_cast<std::uint32_t>(ranges.size());
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    surroundings_.ranges[i].bearing = ranges[i].yaw;  // so that silence blocks the right side
    surroundings_.ranges[i].half_angle = 0.5;
  }
}

SensorRefusal SurroundingsIntake::judge(const Timing & timing) const {
  if (timing.ros_ns - timing.stamp_ns > oldest_ns_) {
    return SensorRefusal::kExpired;
  }
  return timing.stamp_ns - timing.ros_ns > kAhead ? SensorRefusal::kFuture : SensorRefusal::kNone;
}

SensorRefusal SurroundingsIntake::count(SensorRefusal refusal) {
  ++counts_[static_cast<std::size_t>(refusal)];
  return refusal;
}

SensorRefusal SurroundingsIntake::sweep(const RawScan & raw, Scan & scan) const {
  const double span = raw.angle_increment * static_cast<double>(raw.count);
  if (raw.count < 2 || raw.ranges == nullptr || !std::isfinite(raw.angle_min) ||
      !(std::abs(span) > 0) || std::abs(span) > 2 * kPi + 0.1 ||
      !limits_make_sense(raw.range_min, raw.range_max)) {
    return SensorRefusal::kMalformed;
  }
  scan.distance.fill(std::numeric_limits<float>::infinity());
  std::array<bool, kSectors> measured{};
  std::array<bool, kSectors> looked{};
  std::size_t good = 0;
  for (std::size_t i = 0; i < raw.count; ++i) {
    const double direction =
        laser_.yaw + raw.angle_min + raw.angle_increment * static_cast<double>(i);
    const double range = usable(raw.ranges[i], raw.range_min, raw.range_max);
    looked[sector_of(direction)] = true;
    if (range == kUnusable) {
      continue;
    }
    ++good;
    measured[sector_of(direction)] = true;
    const Polar seen = from_base(laser_, direction, range);
    float & nearest = scan.distance[sector_of(seen.bearing)];
    nearest = std::min(nearest, static_cast<float>(seen.distance));
  }
  for (std::size_t i = 0; i < kSectors; ++i) {
    if (looked[i] && !measured[i]) {
      scan.distance[i] = 0.0F;  // a blind part of the view counts as contact
    }
  }
  return static_cast<double>(good) < least_share_ * static_cast<double>(raw.count)
             ? SensorRefusal::kMalformed
             : SensorRefusal::kNone;
}

SensorRefusal SurroundingsIntake::take_scan(const RawScan & raw, const Timing & timing) {
  if (const SensorRefusal late = judge(timing); late != SensorRefusal::kNone) {
    return count(late);
  }
  Scan scan;
  const SensorRefusal refusal = sweep(raw, scan);
  if (refusal == SensorRefusal::kNone) {
    scan.received_ns = measured_ns(timing);
    scan.valid = true;
    surroundings_.scan = scan;
  }
  return count(refusal);
}

SensorRefusal SurroundingsIntake::take_range(std::size_t sensor, const RawRange & raw,
                                             const Timing & timing) {
  if (sensor >= places_.size()) {
    return count(SensorRefusal::kUnknown);
  }
  if (const SensorRefusal late = judge(timing); late != SensorRefusal::kNone) {
    return count(late);
  }
  const double range = limits_make_sense(raw.range_min, raw.range_max)
                           ? usable(raw.range, raw.range_min, raw.range_max)
                           : kUnusable;
  if (range == kUnusable || !(raw.field_of_view > 0) || raw.field_of_view > kPi) {
    return count(SensorRefusal::kMalformed);
  }
  const SensorPlace & place = places_[sensor];
  const Polar seen = from_base(place, place.yaw, range);
  surroundings_.ranges[sensor] = {seen.bearing, raw.field_of_view / 2, seen.distance,
                                  measured_ns(timing)};
  return count(SensorRefusal::kNone);
}

SensorRefusal SurroundingsIntake::take_gyro(double yaw_rate, bool known, const Timing & timing) {
  if (const SensorRefusal late = judge(timing); late != SensorRefusal::kNone) {
    return count(late);
  }
  if (!known) {
    return count(SensorRefusal::kUnknown);
  }
  if (!std::isfinite(yaw_rate)) {
    return count(SensorRefusal::kMalformed);
  }
  surroundings_.gyro = {yaw_rate, measured_ns(timing)};
  return count(SensorRefusal::kNone);
}

}  // namespace care_control

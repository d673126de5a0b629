// SPDX-License-Identifier: Apache-2.0
#include "care_control/separation.hpp"

#include <algorithm>
#include <cmath>

namespace care_control {
namespace {

constexpr double kTwoPi = 6.283185307179586;
constexpr double kHalfPi = kTwoPi / 4;
constexpr double kStraight = 0.05;  // [1/m]: a flatter arc is a straight line
constexpr double kStanding = 0.02;  // [m/s]: below, the base stands
constexpr double kLag = 0.05;       // [m/s], [rad/s]: what ordinary braking may lag behind
constexpr double kUnbounded = 1e3;  // [m]: nothing in reach
constexpr double kSharpest = 2.0;   // [1/m]: a sharper arc is a turn on the spot

double curvature_of(const Velocity & velocity) noexcept {
  return std::abs(velocity.linear) < kStanding ? 0.0 : velocity.angular / velocity.linear;
}

/// The path as a circle, or a straight line where `curvature` is 0.
class Path {
 public:
  explicit Path(double curvature) noexcept
      : straight_(std::abs(curvature) < kStraight),
        radius_(straight_ ? 0.0 : 1.0 / std::clamp(std::abs(curvature), 0.0, kSharpest)),
        side_(curvature < 0.0 ? -1.0 : 1.0) {}

  /// How far off the path a point lies [m]. Inside an arc the way counts too that a person takes
  /// who comes straight from `reach` ahead on it: the chord, which leads off the path and back.
  double across(double x, double y, double reach) const noexcept {
    if (straight_) {
      return std::abs(y);
    }
    const double off = radius_ - side_ * y;
    const double outward = std::sqrt(x * x + off * off) - radius_;
    const double way = std::abs(along(x, y));
    const double chord = way * std::max(0.0, reach - way) / (2 * radius_);
    return outward >= 0.0 ? outward : std::max(0.0, -outward - chord);
  }
  /// How far ahead on the path it lies [m].
  double along(double x, double y) const noexcept {
    return straight_ ? x : radius_ * std::atan2(x, radius_ - side_ * y);
  }

 private:
  bool straight_;
  double radius_;
  double side_;
};

/// A gap follows what is measured down at once, up only after it has opened by `hysteresis`.
double hold(double held, double gap, double hysteresis) noexcept {
  return gap < held || gap > held + hysteresis ? gap : held;
}

/// Of the base's farthest corner [m].
double reach_of(const SeparationSettings & settings) noexcept {
  return std::sqrt(settings.half_length * settings.half_length +
                   settings.half_width * settings.half_width);
}

double seconds_since(std::int64_t then_ns, std::int64_t now_ns) noexcept {
  return std::max(0.0, static_cast<double>(now_ns - then_ns) * 1e-9);
}

bool usable(float distance) noexcept {
  return distance >= 0.0F;  // NaN is not; infinity is: nothing in reach
}

}  // namespace

double separation_speed(double gap, double person_speed, double braking,
                        const SeparationSettings & settings) noexcept {
  const double reaction = settings.sensor_timeout + settings.latency;
  const double room = gap - person_speed * reaction - settings.margin;
  if (!(room > 0.0) || !(braking > 0.0)) {
    return 0.0;
  }
  const double b = reaction + person_speed / braking;
  return braking * (std::sqrt(b * b + 2 * room / braking) - b);
}

double separation_distance(double speed, double person_speed, double braking,
                           const SeparationSettings & settings) noexcept {
  const double reaction = settings.sensor_timeout + settings.latency;
  return speed * speed / (2 * braking) + speed * (reaction + person_speed / braking) +
         person_speed * reaction + settings.margin;
}

Separation::Separation() {
  for (std::size_t i = 0; i < kSectors; ++i) {
    const double bearing = (static_cast<double>(i) + 0.5) * kTwoPi / kSectors;
    bearings_[i] = {std::cos(bearing), std::sin(bearing)};
  }
  report_.front_gap = report_.rear_gap = kUnbounded;
}

const SeparationReport & Separation::update(const Surroundings & seen, std::int64_t now_ns,
                                            double dt, const Velocity & moving,
                                            const Velocity & wanted,
                                            const SeparationSettings & settings,
                                            const Braking & braking) noexcept {
  const double now = curvature_of(moving);
  const double next = curvature_of(wanted);
  front_ = rear_ = around_ = kUnbounded;
  report_.stale = 0;
  const double kept =
      settings.half_length +
      separation_distance(std::abs(moving.linear), settings.person_speed, braking.linear, settings);
  measure(seen, now_ns, settings, {now, moving.linear, kept});
  if (std::abs(next - now) >= kStraight) {
    measure(seen, now_ns, settings, {next, moving.linear, kept});
  }
  report_.front_gap = hold(report_.front_gap, front_, settings.hysteresis);
  report_.rear_gap = hold(report_.rear_gap, rear_, settings.hysteresis);
  report_.around_gap = around_;

  const auto cap = [&](double gap) {
    const double creep = separation_speed(gap, 0.0, braking.linear, settings);
    const double most =
        std::max(separation_speed(gap, settings.person_speed, braking.linear, settings) - kLag,
                 std::min(settings.creep_speed, creep));
    return most < kStanding ? 0.0 : most;  // no endless crawl towards where it has to stop
  };
  report_.forward = cap(report_.front_gap);
  report_.reverse = cap(report_.rear_gap);
  // Turning on the spot the rim is slower than a person who comes nearer: only what stands counts.
  SeparationSettings rim = settings;
  rim.margin = 0.0;
  const double reach = reach_of(settings);
  report_.turning = separation_speed(report_.around_gap, 0.0, braking.angular * reach, rim) / reach;
  judge(dt, moving, wanted, settings);
  return report_;
}

void Separation::measure(const Surroundings & seen, std::int64_t now_ns,
                         const SeparationSettings & settings, const Way & way) noexcept {
  if (settings.scan_required || seen.scan.received_ns != kNever) {
    const bool fresh =
        seen.scan.valid && !older(seen.scan.received_ns, now_ns, settings.sensor_timeout);
    report_.stale |= fresh ? 0U : 1U;
    measure_scan(seen.scan, now_ns, fresh, settings, way);
  }
  const std::size_t count = std::min<std::size_t>(seen.range_count, kMaxRanges);
  for (std::size_t i = 0; i < count; ++i) {
    const bool fresh = !older(seen.ranges[i].received_ns, now_ns, settings.sensor_timeout);
    report_.stale |= fresh ? 0U : 2U << i;
    measure_range(seen.ranges[i], now_ns, fresh, settings, way);
  }
}

void Separation::measure_scan(const Scan & scan, std::int64_t now_ns, bool fresh,
                              const SeparationSettings & settings, const Way & way) noexcept {
  if (!fresh) {
    block(0.0, kTwoPi);
    return;
  }
  const double driven = way.speed * seconds_since(scan.received_ns, now_ns);
  for (std::size_t i = 0; i < kSectors; ++i) {
    const float distance = scan.distance[i];
    if (!usable(distance)) {
      block((static_cast<double>(i) + 0.5) * kTwoPi / kSectors, kTwoPi / kSectors / 2);
    } else if (std::isfinite(distance)) {
      take({bearings_[i].x * distance - driven, bearings_[i].y * distance}, settings, way);
    }
  }
}

void Separation::measure_range(const Range & range, std::int64_t now_ns, bool fresh,
                               const SeparationSettings & settings, const Way & way) noexcept {
  const double half = std::abs(range.half_angle);
  if (!fresh || !(range.distance >= 0.0)) {
    block(range.bearing, half);
    return;
  }
  if (!std::isfinite(range.distance)) {
    return;
  }
  const double driven = way.speed * seconds_since(range.received_ns, now_ns);
  for (const double bearing : {range.bearing - half, range.bearing, range.bearing + half}) {
    take({std::cos(bearing) * range.distance - driven, std::sin(bearing) * range.distance},
         settings, way);
  }
}

void Separation::take(const Point & point, const SeparationSettings & settings,
                      const Way & way) noexcept {
  const double length = settings.half_length;
  const double width = settings.half_width + settings.side_margin;
  const double away = std::sqrt(point.x * point.x + point.y * point.y);
  around_ = std::min(around_, away - reach_of(settings));
  if (std::abs(point.x) <= length && std::abs(point.y) <= settings.half_width) {
    (point.x >= 0.0 ? front_ : rear_) = 0.0;  // in the base itself
    return;
  }
  // No way is shorter than the straight one: most points need no closer look.
  const Path path(way.curvature);
  if (away - width - length >= std::max(front_, rear_) ||
      path.across(point.x, point.y, way.reach) > width) {
    return;
  }
  const double along = path.along(point.x, point.y);
  if (along > length) {
    front_ = std::min(front_, along - length);
  } else if (along < -length) {
    rear_ = std::min(rear_, -along - length);
  }
}

void Separation::block(double bearing, double half_angle) noexcept {
  const double off = std::abs(std::remainder(bearing, kTwoPi));
  around_ = 0.0;
  if (!(off - half_angle > kHalfPi)) {  // not a number blocks too
    front_ = 0.0;
  }
  if (!(off + half_angle < kHalfPi)) {
    rear_ = 0.0;
  }
}

void Separation::judge(double dt, const Velocity & moving, const Velocity & wanted,
                       const SeparationSettings & settings) noexcept {
  const auto blocked = [&](double speed, double turn, double slack) {
    const double cap = speed < 0.0 ? report_.reverse : report_.forward;
    return (speed != 0.0 && (cap <= 0.0 || std::abs(speed) > cap + slack)) ||
           (turn != 0.0 && (report_.turning <= 0.0 || std::abs(turn) > report_.turning + slack));
  };
  const bool moves = moving.linear != 0.0 || moving.angular != 0.0;
  // A command may well ask for more than the cap: it is reduced. Motion above it is braked.
  const bool stop = blocked(moving.linear, moving.angular, kLag) ||
                    blocked(wanted.linear, wanted.angular, kUnbounded);
  const bool wants = wanted.linear != 0.0 || wanted.angular != 0.0;
  free_s_ = stop ? 0.0 : free_s_ + dt;
  if (stop) {
    report_.stopped = true;
  } else if (!moves && (!wants || free_s_ >= settings.release_time)) {
    report_.stopped = false;
  }
}

}  // namespace care_control

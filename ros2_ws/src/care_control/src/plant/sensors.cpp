// SPDX-License-Identifier: Apache-2.0
#include "care_control/plant/sensors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace care_control {
namespace {

constexpr double kTwoPi = 6.283185307179586;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kConeRays = 9;

Point heading(double angle) noexcept {
  return {std::cos(angle), std::sin(angle)};
}

std::size_t sector_of(const Point & seen) noexcept {
  const double turns = std::atan2(seen.y, seen.x) / kTwoPi;
  const double share = turns < 0.0 ? turns + 1.0 : turns;
  return std::min(static_cast<std::size_t>(share * kSectors), kSectors - 1);
}

}  // namespace

Laser::Laser(const LaserSettings & settings, Random & random) noexcept
    : settings_(settings), random_(random.bits()), time_s_(random.between(0.0, settings.period)) {
  settings_.rays = std::clamp(settings_.rays, 2U, kMaxRays);
  for (std::uint32_t i = 0; i < settings_.rays; ++i) {
    rays_[i] = heading(settings_.half_view * (2.0 * i / (settings_.rays - 1.0) - 1.0));
  }
  begin();
  // The sweep that is under way at the start misses its first rays: it is not handed over.
  next_ray_ = settings_.rays + 1;
}

void Laser::begin() noexcept {
  sweep_.distance.fill(std::numeric_limits<float>::infinity());
  sweep_.valid = true;
  next_ray_ = 0;
}

bool Laser::step(std::int64_t now_ns, double dt, const Scene & scene, const Pose & pose,
                 Scan & scan) noexcept {
  time_s_ += dt;
  const auto due = static_cast<std::uint32_t>(std::min(1.0, time_s_ / settings_.period) *
                                              static_cast<double>(settings_.rays));
  look(scene, pose, due);
  if (time_s_ >= settings_.period) {
    if (next_ray_ == settings_.rays) {
      on_the_way_ = sweep_;
      arrives_s_ = settings_.delay;
    }
    time_s_ = std::fmod(time_s_, settings_.period);
    begin();
  } else if (arrives_s_ >= 0.0) {
    arrives_s_ -= dt;
  }
  if (arrives_s_ < 0.0 || arrives_s_ >= dt) {
    return false;
  }
  arrives_s_ = -1.0;
  scan = on_the_way_;
  scan.received_ns = now_ns;
  return true;
}

void Laser::look(const Scene & scene, const Pose & pose, std::uint32_t due) noexcept {
  const Point from = placed(pose, {settings_.x, 0.0});
  const Point ahead = heading(pose.yaw);
  for (; next_ray_ < due; ++next_ray_) {
    const Point & ray = rays_[next_ray_];
    const Point direction{ahead.x * ray.x - ahead.y * ray.y, ahead.y * ray.x + ahead.x * ray.y};
    const double distance = cast(scene, from, direction, settings_.reach);
    if (distance != kInfinity) {
      see(ray, std::max(0.0, distance + random_.bell(settings_.noise)));
    }
  }
}

void Laser::see(const Point & ray, double distance) noexcept {
  const Point seen{settings_.x + distance * ray.x, distance * ray.y};
  float & nearest = sweep_.distance[sector_of(seen)];
  nearest = std::min(nearest, static_cast<float>(std::sqrt(seen.x * seen.x + seen.y * seen.y)));
}

RangeSensors::RangeSensors(const RangeSettings & settings, Random & random) noexcept
    : settings_(settings),
      random_(random.bits()),
      until_next_s_(random.between(0.0, settings.period)) {}

void RangeSensors::step(std::int64_t now_ns, double dt, const Scene & scene, const Pose & pose,
                        std::array<Range, kMaxRanges> & ranges) noexcept {
  until_next_s_ -= dt;
  if (until_next_s_ > 0.0 || settings_.count == 0) {
    return;
  }
  until_next_s_ += settings_.period / settings_.count;
  ranges[next_] = measure(settings_.places[next_], scene, pose);
  ranges[next_].received_ns = now_ns;
  next_ = (next_ + 1) % settings_.count;
}

Range RangeSensors::measure(const RangePlace & place, const Scene & scene,
                            const Pose & pose) noexcept {
  Range range;
  range.bearing = std::atan2(place.y, place.x);
  range.half_angle = place.half_angle;
  const Point from = placed(pose, {place.x, place.y});
  double nearest = kInfinity;
  for (int i = 0; i < kConeRays; ++i) {
    const double off = place.half_angle * (2.0 * i / (kConeRays - 1) - 1.0);
    const Point direction = heading(pose.yaw + range.bearing + off);
    nearest = std::min(nearest, cast(scene, from, direction, settings_.reach));
  }
  range.distance =
      nearest == kInfinity
          ? kInfinity
          : std::hypot(place.x, place.y) + std::max(0.0, nearest + random_.bell(settings_.noise));
  return range;
}

Gyroscope::Gyroscope(const GyroSettings & settings, Random & random) noexcept
    : settings_(settings),
      random_(random.bits()),
      bias_(random.between(-settings.bias, settings.bias)) {}

void Gyroscope::step(std::int64_t now_ns, double dt, double yaw_rate, Gyro & gyro) noexcept {
  until_next_s_ -= dt;
  if (until_next_s_ > 0.0) {
    return;
  }
  until_next_s_ += settings_.period;
  bias_ += random_.bell(settings_.drift) * std::sqrt(settings_.period);
  gyro.yaw_rate = yaw_rate + bias_ + random_.bell(settings_.noise);
  gyro.received_ns = now_ns;
}

}  // namespace care_control

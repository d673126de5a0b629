// SPDX-License-Identifier: Apache-2.0
#include "care_control/plant/room.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace care_control {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Point operator-(const Point & a, const Point & b) noexcept {
  return {a.x - b.x, a.y - b.y};
}

double dot(const Point & a, const Point & b) noexcept {
  return a.x * b.x + a.y * b.y;
}

double cross(const Point & a, const Point & b) noexcept {
  return a.x * b.y - a.y * b.x;
}

double to_wall(const Wall & wall, const Point & from, const Point & direction) noexcept {
  const Point along = wall.to - wall.from;
  const double parallel = cross(direction, along);
  if (parallel == 0.0) {
    return kInfinity;
  }
  const Point start = wall.from - from;
  const double distance = cross(start, along) / parallel;
  const double share = cross(start, direction) / parallel;
  return distance >= 0.0 && share >= 0.0 && share <= 1.0 ? distance : kInfinity;
}

double to_disc(const Disc & disc, const Point & from, const Point & direction) noexcept {
  const Point centre = disc.centre - from;
  const double nearest = dot(centre, direction);
  const double half_chord_squared =
      disc.radius * disc.radius - (dot(centre, centre) - nearest * nearest);
  if (half_chord_squared < 0.0) {
    return kInfinity;
  }
  const double half_chord = std::sqrt(half_chord_squared);
  // A ray that begins within the disc sees it at once.
  return nearest + half_chord < 0.0 ? kInfinity : std::max(0.0, nearest - half_chord);
}

/// Distance of a place in the base's frame from its outline, zero within.
double outside(const Footprint & footprint, const Point & place) noexcept {
  const double dx = std::max(0.0, std::abs(place.x) - footprint.half_length);
  const double dy = std::max(0.0, std::abs(place.y) - footprint.half_width);
  return std::hypot(dx, dy);
}

double to_segment(const Wall & wall, const Point & place) noexcept {
  const Point along = wall.to - wall.from;
  const double length_squared = dot(along, along);
  const double share = length_squared > 0.0
                           ? std::clamp(dot(place - wall.from, along) / length_squared, 0.0, 1.0)
                           : 0.0;
  return std::hypot(place.x - wall.from.x - share * along.x,
                    place.y - wall.from.y - share * along.y);
}

/// Shrink [begin, end] of a segment to what lies within |start + share * along| <= half.
void clip(double start, double along, double half, double & begin, double & end) noexcept {
  if (along == 0.0) {
    end = std::abs(start) <= half ? end : -1.0;
    return;
  }
  const double one = (-half - start) / along;
  const double other = (half - start) / along;
  begin = std::max(begin, std::min(one, other));
  end = std::min(end, std::max(one, other));
}

double to_outline(const Footprint & footprint, const Wall & wall) noexcept {
  const Point along = wall.to - wall.from;
  double begin = 0.0;
  double end = 1.0;
  clip(wall.from.x, along.x, footprint.half_length, begin, end);
  clip(wall.from.y, along.y, footprint.half_width, begin, end);
  if (begin <= end) {
    return 0.0;
  }
  double nearest = std::min(outside(footprint, wall.from), outside(footprint, wall.to));
  for (const double x : {-footprint.half_length, footprint.half_length}) {
    for (const double y : {-footprint.half_width, footprint.half_width}) {
      nearest = std::min(nearest, to_segment(wall, {x, y}));
    }
  }
  return nearest;
}

}  // namespace

bool Room::add_box(const Point & centre, double length, double width) noexcept {
  if (wall_count + 4 > kMaxWalls) {
    return false;
  }
  const Point corners[4] = {{centre.x + length / 2, centre.y + width / 2},
                            {centre.x - length / 2, centre.y + width / 2},
                            {centre.x - length / 2, centre.y - width / 2},
                            {centre.x + length / 2, centre.y - width / 2}};
  for (std::size_t i = 0; i < 4; ++i) {
    walls[wall_count++] = {corners[i], corners[(i + 1) % 4]};
  }
  return true;
}

double cast(const Scene & scene, const Point & from, const Point & direction,
            double reach) noexcept {
  double nearest = kInfinity;
  for (std::uint32_t i = 0; i < scene.room->wall_count; ++i) {
    nearest = std::min(nearest, to_wall(scene.room->walls[i], from, direction));
  }
  for (std::uint32_t i = 0; i < scene.person_count; ++i) {
    nearest = std::min(nearest, to_disc(scene.persons[i], from, direction));
  }
  return nearest <= reach ? nearest : kInfinity;
}

double grip_at(const Room & room, const Point & place) noexcept {
  for (std::uint32_t i = 0; i < room.patch_count; ++i) {
    const Disc & area = room.patches[i].area;
    const Point off = place - area.centre;
    if (dot(off, off) <= area.radius * area.radius) {
      return room.patches[i].grip;
    }
  }
  return room.grip;
}

double gap(const Footprint & footprint, const Pose & pose, const Disc & disc) noexcept {
  return outside(footprint, seen_from(pose, disc.centre)) - disc.radius;
}

double approach(const Footprint & footprint, const Pose & pose, const Velocity & velocity,
                const Disc & disc) noexcept {
  const Point centre = seen_from(pose, disc.centre);
  const Point nearest{std::clamp(centre.x, -footprint.half_length, footprint.half_length),
                      std::clamp(centre.y, -footprint.half_width, footprint.half_width)};
  const Point between = centre - nearest;
  const double distance = std::sqrt(dot(between, between));
  if (distance == 0.0) {
    return std::hypot(velocity.linear, velocity.angular * footprint.half_length);
  }
  const Point moves{velocity.linear - velocity.angular * nearest.y, velocity.angular * nearest.x};
  return dot(moves, between) / distance;
}

double gap(const Footprint & footprint, const Pose & pose, const Room & room) noexcept {
  double nearest = kInfinity;
  for (std::uint32_t i = 0; i < room.wall_count; ++i) {
    const Wall & wall = room.walls[i];
    nearest = std::min(
        nearest, to_outline(footprint, {seen_from(pose, wall.from), seen_from(pose, wall.to)}));
  }
  return nearest;
}

Point seen_from(const Pose & pose, const Point & place) noexcept {
  const double c = std::cos(pose.yaw);
  const double s = std::sin(pose.yaw);
  const Point off = place - Point{pose.x, pose.y};
  return {c * off.x + s * off.y, c * off.y - s * off.x};
}

Point placed(const Pose & pose, const Point & seen) noexcept {
  const double c = std::cos(pose.yaw);
  const double s = std::sin(pose.yaw);
  return {pose.x + c * seen.x - s * seen.y, pose.y + s * seen.x + c * seen.y};
}

}  // namespace care_control

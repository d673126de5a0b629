// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "care_control/odometry.hpp"

namespace care_control {

constexpr std::size_t kMaxWalls = 32;
constexpr std::size_t kMaxPatches = 4;
constexpr std::size_t kMaxPersons = 4;

/// A place in the room [m].
struct Point {
  double x = 0.0;
  double y = 0.0;
};

/// A straight piece of wall, seen from both sides.
struct Wall {
  Point from;
  Point to;
};

/// An upright cylinder: a person as a laser scanner sees one.
struct Disc {
  Point centre;
  double radius = 0.2;  ///< [m]
};

/// A wet or polished place on the floor.
struct Patch {
  Disc area;
  double grip = 0.15;  ///< largest friction over weight
};

/// What stands still. Persons are added for the moment that is looked at.
struct Room {
  std::array<Wall, kMaxWalls> walls{};
  std::uint32_t wall_count = 0;
  std::array<Patch, kMaxPatches> patches{};
  std::uint32_t patch_count = 0;
  double grip = 0.8;  ///< of the floor outside the patches

  /// Add the four walls of a rectangle around a centre. @return false if they do not fit any more.
  bool add_box(const Point & centre, double length, double width) noexcept;
};

/// Room and persons as they are now.
struct Scene {
  const Room * room = nullptr;
  std::array<Disc, kMaxPersons> persons{};
  std::uint32_t person_count = 0;
};

/// Outline of the base on the floor: a rectangle around base_footprint.
struct Footprint {
  double half_length = 0.28;  ///< [m]
  double half_width = 0.25;   ///< [m] outer edges of the wheels
};

/// Distance to the first thing along a ray, infinity if there is none within `reach`.
/// @param direction  a vector of length 1.
double cast(const Scene & scene, const Point & from, const Point & direction,
            double reach) noexcept;

/// Friction over weight at a place.
double grip_at(const Room & room, const Point & place) noexcept;

/// Distance between the base's outline and a disc [m]; zero or less when they touch.
double gap(const Footprint & footprint, const Pose & pose, const Disc & disc) noexcept;

/// Speed at which the nearest place of the base's outline moves towards a disc [m/s]; zero or less
/// where it moves along it or away.
double approach(const Footprint & footprint, const Pose & pose, const Velocity & velocity,
                const Disc & disc) noexcept;

/// Distance between the base's outline and the nearest wall [m]; zero when they touch.
double gap(const Footprint & footprint, const Pose & pose, const Room & room) noexcept;

/// A place as seen from a pose: x ahead, y to the left.
Point seen_from(const Pose & pose, const Point & place) noexcept;

/// A place given in the frame of a pose, in the room's frame.
Point placed(const Pose & pose, const Point & seen) noexcept;

}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "care_control/plant/room.hpp"

namespace care_control {

constexpr std::size_t kMaxStops = 8;

/// How a person walks: from the first place over the others.
struct Walk {
  std::array<Point, kMaxStops> way{};
  std::uint32_t count = 0;
  double speed = 1.6;     ///< [m/s]
  double radius = 0.2;    ///< [m]
  double begins_s = 0.0;  ///< from being admitted; before that the person is not in the room
  bool loops = false;     ///< begin again after the last place, else stay there
  bool pursues = false;   ///< head for the robot wherever it is, once the way is done
};

/// A person on a walk, who neither stops for the robot nor gives way.
class Person {
 public:
  Person() = default;
  explicit Person(const Walk & walk) noexcept : walk_(walk) {
    disc_ = {walk.way[0], walk.radius};
    next_ = walk.count > 1 ? 1 : 0;
  }

  /// One cycle. @param robot  where the base is, for a person who pursues it.
  void step(double dt, const Point & robot) noexcept;

  bool present() const noexcept { return walk_.count > 0 && time_s_ >= walk_.begins_s; }
  const Disc & disc() const noexcept { return disc_; }

 private:
  bool walk_towards(const Point & place, double & way) noexcept;

  Walk walk_;
  Disc disc_;
  std::uint32_t next_ = 0;
  double time_s_ = 0.0;
};

}  // namespace care_control

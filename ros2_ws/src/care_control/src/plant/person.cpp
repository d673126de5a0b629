// SPDX-License-Identifier: Apache-2.0
#include "care_control/plant/person.hpp"

#include <cmath>

namespace care_control {

void Person::step(double dt, const Point & robot) noexcept {
  const bool there = present();
  time_s_ += dt;
  if (!there) {
    return;
  }
  double way = walk_.speed * dt;
  // A corner within this cycle: the rest of the way leads on, over all corners at most once.
  for (std::uint32_t i = 0; i < walk_.count && next_ > 0; ++i) {
    if (!walk_towards(walk_.way[next_ % walk_.count], way)) {
      return;
    }
    const bool last = next_ + 1 >= walk_.count && !walk_.loops;
    next_ = last ? 0 : next_ % walk_.count + 1;
  }
  if (next_ == 0 && walk_.pursues) {
    walk_towards(robot, way);
  }
}

bool Person::walk_towards(const Point & place, double & way) noexcept {
  const double dx = place.x - disc_.centre.x;
  const double dy = place.y - disc_.centre.y;
  const double distance = std::hypot(dx, dy);
  if (distance > way) {
    disc_.centre.x += dx / distance * way;
    disc_.centre.y += dy / distance * way;
    way = 0.0;
    return false;
  }
  disc_.centre = place;
  way -= distance;
  return true;
}

}  // namespace care_control

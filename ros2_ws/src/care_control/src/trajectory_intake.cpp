// SPDX-License-Identifier: Apache-2.0
#include "care_control/trajectory_intake.hpp"

#include <algorithm>
#include <cmath>

namespace care_control {

std::string TrajectoryIntake::take(const RawTrajectory & raw, std::int64_t steady_now_ns) {
  JointTrajectory made;
  std::string refusal = judge(raw, made);
  if (!refusal.empty()) {
    ++refused_;
    return refusal;
  }
  made.count = newest_.count + 1;
  made.received_ns = steady_now_ns;
  newest_ = made;
  return {};
}

std::string TrajectoryIntake::judge(const RawTrajectory & raw, JointTrajectory & made) const {
  if (raw.joints.empty() || raw.points.empty() || raw.points.size() > kMaxPoints) {
    return "It must name joints and have 1 to " + std::to_string(kMaxPoints) + " points.";
  }
  std::vector<std::size_t> places;
  for (const auto & name : raw.joints) {
    const auto found = std::find(joints_.begin(), joints_.end(), name);
    const auto place = static_cast<std::size_t>(found - joints_.begin());
    if (found == joints_.end() || (made.joints >> place & 1U) != 0) {
      return "Joint \"" + name + "\" is unknown or named twice: use those of joint_names.";
    }
    made.joints |= 1U << place;
    places.push_back(place);
  }
  double last = 0.0;
  for (const auto & point : raw.points) {
    const bool finite =
        std::isfinite(point.time) && std::all_of(point.positions.begin(), point.positions.end(),
                                                 [](double each) { return std::isfinite(each); });
    if (!finite || point.positions.size() != places.size() || point.time < last) {
      return "Each point needs a finite position for each joint and a time not before the last's.";
    }
    last = point.time;
    JointPoint & target = made.point[made.points++];
    target.time = point.time;
    for (std::size_t i = 0; i < places.size(); ++i) {
      target.position[places[i]] = point.positions[i];
    }
  }
  return {};
}

}  // namespace care_control

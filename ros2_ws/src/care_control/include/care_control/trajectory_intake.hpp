// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "care_control/joint_motion.hpp"

namespace care_control {

/// A joint trajectory as it came in.
struct RawTrajectory {
  struct Point {
    double time = 0.0;              ///< since the start [s]
    std::vector<double> positions;  ///< of `joints`, in their order [m or rad]
  };
  std::vector<std::string> joints;
  std::vector<Point> points;
};

/// Judges trajectories before the control thread sees them.
class TrajectoryIntake {
 public:
  explicit TrajectoryIntake(std::vector<std::string> joints) : joints_(std::move(joints)) {}

  /// Take a trajectory; an accepted one becomes `newest()`, with a count of its own.
  /// @return why it is refused, cause and cure; empty when it is accepted.
  std::string take(const RawTrajectory & raw, std::int64_t steady_now_ns);

  const JointTrajectory & newest() const { return newest_; }
  std::uint64_t refused() const { return refused_; }

 private:
  std::string judge(const RawTrajectory & raw, JointTrajectory & made) const;

  std::vector<std::string> joints_;
  JointTrajectory newest_;
  std::uint64_t refused_ = 0;
};

}  // namespace care_control

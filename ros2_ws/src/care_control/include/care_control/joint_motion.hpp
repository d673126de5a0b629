// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "care_control/hardware.hpp"
#include "care_control/steady_time.hpp"

namespace care_control {

constexpr std::size_t kMaxPoints = 16;  ///< of a joint trajectory

/// One joint that is moved to positions; lengths in m or rad.
struct JointSettings {
  double lower = 0.0;
  double upper = 0.0;
  double velocity = 0.0;         ///< [/s]
  double acceleration = 1.0;     ///< [/s^2]
  double jerk = 5.0;             ///< [/s^3]
  double following_error = 0.1;  ///< of the position, for
  double following_time = 0.5;   ///< [s], is a fault
  double homing_speed = 0.0;     ///< towards the lower end [/s]; 0: needs no homing
};

/// A place for the joints to be at.
struct JointPoint {
  double time = 0.0;  ///< since the start of the trajectory [s]; 0: as soon as the limits allow
  std::array<double, kMaxJoints> position{};  ///< [m] or [rad]
};

/// Where the joints are to go, point by point; each point is reached at rest.
struct JointTrajectory {
  std::uint64_t count = 0;  ///< trajectories ever taken: a new one takes the place of the last
  std::int64_t received_ns = kNever;  ///< steady time
  std::uint32_t joints = 0;           ///< bit i: joint i is meant
  std::uint32_t points = 0;
  std::array<JointPoint, kMaxPoints> point{};
};

/// Where the joints are and are told to be.
struct JointsReport {
  std::array<JointReading, kMaxJoints> measured{};
  std::array<double, kMaxJoints> target{};  ///< position told in this cycle
  std::uint64_t trajectory = 0;             ///< `JointTrajectory::count` that is followed
  std::uint32_t moving = 0;                 ///< bit i: joint i is not yet where it is to be
  std::uint32_t homed = 0;                  ///< bit i: the position of joint i is known
  std::uint32_t faulty = 0;                 ///< bit i: joint i is unreadable or does not follow
};

}  // namespace care_control

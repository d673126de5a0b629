// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "care_control/causes.hpp"
#include "care_control/hardware.hpp"
#include "care_control/position_ramp.hpp"
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

/// All joints; fewer than kMaxJoints may be there.
struct JointsSettings {
  std::array<JointSettings, kMaxJoints> joint{};
  std::uint32_t count = 0;
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

/// What the joints may do in this cycle.
struct JointPermit {
  bool torque = false;     ///< the actuators have force
  bool move = false;       ///< trajectories are followed; without, joints come to rest and forget
  std::uint32_t held = 0;  ///< bit i: joint i waits at rest and goes on later
};

/// Moves the joints: limits, ends, homing, trajectories, and whether they follow.
class JointMotion {
 public:
  /// Take what the joints say. @return bits of Cause.
  std::uint32_t read(double dt, const HardwareState & hardware, const JointsSettings & settings,
                     bool torque) noexcept;

  /// One cycle of motion. @param commands  Receives the positions for the actuators.
  void move(double dt, std::int64_t now_ns, const JointTrajectory & trajectory,
            std::uint64_t home_count, const JointsSettings & settings, const JointPermit & permit,
            std::array<double, kMaxJoints> & commands) noexcept;

  /// Faults were reset by a person.
  void reset() noexcept;

  /// Tell whether each joint can be told a position that does not make it jump.
  bool ready(const JointsSettings & settings) const noexcept;

  const JointsReport & report() const noexcept { return report_; }

 private:
  struct Joint {
    PositionRamp ramp;
    double offset = 0.0;       ///< from the actuator's position to the joint's
    double target = 0.0;       ///< where it is to go
    double speed = 0.0;        ///< at most, towards the target
    double unread_s = 0.0;     ///< without a reading
    double following_s = 0.0;  ///< with too large an error
    double stalled_s = 0.0;    ///< against the end that homing looks for
    double homing_from = 0.0;  ///< where homing began
    bool seen = false;
    bool homed = false;
    bool homing = false;
    bool endless = false;  ///< homing found no end
  };

  std::uint32_t read_joint(std::size_t i, double dt, const JointReading & reading,
                           const JointSettings & settings, bool torque) noexcept;
  std::uint32_t follows(std::size_t i, double dt, double position,
                        const JointSettings & settings) noexcept;
  void take(const JointTrajectory & trajectory, std::int64_t now_ns,
            const JointsSettings & settings, bool move) noexcept;
  void begin_point(const JointsSettings & settings) noexcept;
  void advance_trajectory(double dt, const JointsSettings & settings) noexcept;
  void begin_homing(std::size_t i, const JointSettings & settings) noexcept;
  void home(Joint & joint, double dt, double measured, const JointSettings & settings) noexcept;
  void move_joint(std::size_t i, double dt, const JointSettings & settings,
                  const JointPermit & permit) noexcept;

  std::array<Joint, kMaxJoints> joints_{};
  JointTrajectory trajectory_;
  std::uint64_t trajectory_count_ = 0;
  std::uint64_t home_count_ = 0;
  std::uint32_t point_ = 0;
  double clock_ = 0.0;  ///< since the start of the trajectory [s]
  bool following_ = false;
  JointsReport report_;
};

}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#include "care_control/joint_motion.hpp"

#include <algorithm>
#include <cmath>

namespace care_control {
namespace {

constexpr double kOldestTrajectory = 0.25;  // [s]
constexpr double kStallTime = 0.2;          // [s] against an end
constexpr double kHomingSlack = 1.2;        // of the joint's whole way: then there is no end

AxisLimits limits_of(const JointSettings & settings) noexcept {
  return {settings.acceleration, settings.acceleration, settings.jerk};
}

std::size_t count_of(const JointsSettings & settings) noexcept {
  return std::min<std::size_t>(settings.count, kMaxJoints);
}

bool bit(std::uint32_t bits, std::size_t i) noexcept {
  return (bits >> i & 1U) != 0;
}

void set(std::uint32_t & bits, std::size_t i, bool value) noexcept {
  bits = value ? bits | 1U << i : bits & ~(1U << i);
}

}  // namespace

std::uint32_t JointMotion::read(double dt, const HardwareState & hardware,
                                const JointsSettings & settings, bool torque) noexcept {
  std::uint32_t causes = 0;
  for (std::size_t i = 0; i < count_of(settings); ++i) {
    causes |= read_joint(i, dt, hardware.joints[i], settings.joint[i], torque);
  }
  return causes;
}

void JointMotion::move(double dt, std::int64_t now_ns, const JointTrajectory & trajectory,
                       std::uint64_t home_count, const JointsSettings & settings,
                       const JointPermit & permit,
                       std::array<double, kMaxJoints> & commands) noexcept {
  const std::size_t count = count_of(settings);
  const bool may_move = permit.move && permit.torque;
  take(trajectory, now_ns, settings, may_move);
  if (home_count != home_count_) {
    home_count_ = home_count;
    for (std::size_t i = 0; i < count && may_move; ++i) {
      begin_homing(i, settings.joint[i]);
    }
  }
  if (following_) {
    advance_trajectory(dt, settings);
  }
  for (std::size_t i = 0; i < count; ++i) {
    move_joint(i, dt, settings.joint[i], permit);
    report_.target[i] = joints_[i].ramp.position();
    commands[i] = joints_[i].ramp.position() - joints_[i].offset;
  }
}

void JointMotion::reset() noexcept {
  report_.faulty = 0;
  for (Joint & joint : joints_) {
    joint.following_s = 0.0;
    joint.endless = false;
  }
}

bool JointMotion::ready(const JointsSettings & settings) const noexcept {
  return std::all_of(joints_.begin(),
                     joints_.begin() + static_cast<std::ptrdiff_t>(count_of(settings)),
                     [](const Joint & joint) { return joint.seen; });
}

std::uint32_t JointMotion::read_joint(std::size_t i, double dt, const JointReading & reading,
                                      const JointSettings & settings, bool torque) noexcept {
  Joint & joint = joints_[i];
  const bool valid =
      reading.valid && std::isfinite(reading.position) && std::isfinite(reading.velocity);
  joint.unread_s = valid ? 0.0 : joint.unread_s + dt;
  joint.homed = joint.homed || settings.homing_speed == 0.0;
  set(report_.homed, i, joint.homed);
  if (!valid) {
    const bool lost = !joint.seen || joint.unread_s > settings.following_time;
    set(report_.faulty, i, bit(report_.faulty, i) || lost);
    report_.measured[i].valid = false;
    return lost ? kJointUnreadable : 0U;
  }
  if (!joint.seen) {
    joint.seen = true;
    set(report_.faulty, i, false);
  }
  const double position = reading.position + joint.offset;
  report_.measured[i] = {position, reading.velocity, true};
  if (!torque) {  // it may be moved by hand or by its weight: go on from where it is
    joint.ramp.place(position);
    joint.target = position;
    joint.homing = false;
    joint.following_s = 0.0;
  }
  return follows(i, dt, position, settings);
}

std::uint32_t JointMotion::follows(std::size_t i, double dt, double position,
                                   const JointSettings & settings) noexcept {
  Joint & joint = joints_[i];
  const double error = std::abs(joint.ramp.position() - position);
  const bool near = joint.homing || error <= settings.following_error;
  joint.following_s = near ? 0.0 : joint.following_s + dt;
  if (!joint.endless && joint.following_s <= settings.following_time) {
    return 0U;
  }
  // Where it is it may stay: nothing pulls towards where it could not go.
  joint.ramp.place(position);
  joint.target = position;
  joint.following_s = 0.0;
  joint.endless = false;
  set(report_.faulty, i, true);
  return kJointDoesNotFollow;
}

void JointMotion::take(const JointTrajectory & trajectory, std::int64_t now_ns,
                       const JointsSettings & settings, bool move) noexcept {
  if (!move) {
    following_ = false;
  }
  if (trajectory.count == trajectory_count_) {
    return;
  }
  // One that comes while nothing may move is dropped: it must not begin later by itself.
  trajectory_count_ = trajectory.count;
  if (!move || trajectory.points == 0 || older(trajectory.received_ns, now_ns, kOldestTrajectory)) {
    return;
  }
  trajectory_ = trajectory;
  trajectory_.points = std::min<std::uint32_t>(trajectory.points, kMaxPoints);
  report_.trajectory = trajectory.count;
  following_ = true;
  point_ = 0;
  clock_ = 0.0;
  begin_point(settings);
}

void JointMotion::begin_point(const JointsSettings & settings) noexcept {
  const JointPoint & point = trajectory_.point[point_];
  for (std::size_t i = 0; i < count_of(settings); ++i) {
    Joint & joint = joints_[i];
    const JointSettings & own = settings.joint[i];
    if (!bit(trajectory_.joints, i) || !joint.homed || joint.homing ||
        !std::isfinite(point.position[i])) {
      continue;
    }
    joint.target = std::clamp(point.position[i], own.lower, std::max(own.lower, own.upper));
    const double way = std::abs(joint.target - joint.ramp.position());
    joint.speed = point.time > clock_
                      ? speed_for(way, point.time - clock_, own.velocity, limits_of(own))
                      : own.velocity;
  }
}

void JointMotion::advance_trajectory(double dt, const JointsSettings & settings) noexcept {
  clock_ += dt;
  bool arrived = clock_ >= trajectory_.point[point_].time;
  for (std::size_t i = 0; i < count_of(settings); ++i) {
    const Joint & joint = joints_[i];
    arrived = arrived && (!bit(trajectory_.joints, i) || joint.ramp.position() == joint.target);
  }
  if (!arrived) {
    return;
  }
  following_ = ++point_ < trajectory_.points;
  if (following_) {
    begin_point(settings);
  }
}

void JointMotion::begin_homing(std::size_t i, const JointSettings & settings) noexcept {
  Joint & joint = joints_[i];
  if (settings.homing_speed > 0.0 && joint.seen) {
    joint.homing = true;
    joint.homed = false;
    joint.stalled_s = 0.0;
    joint.homing_from = joint.ramp.position();
  }
}

void JointMotion::home(Joint & joint, double dt, double measured,
                       const JointSettings & settings) noexcept {
  const double position = joint.ramp.position();
  joint.ramp.follow(position - 2 * (settings.upper - settings.lower) - 1.0, settings.homing_speed,
                    limits_of(settings), dt);
  // Against its end the joint stays behind what it is told.
  const bool stalled = measured - position > settings.following_error / 2;
  joint.stalled_s = stalled ? joint.stalled_s + dt : 0.0;
  if (joint.stalled_s > kStallTime) {
    joint.offset += settings.lower - measured;
    joint.ramp.place(settings.lower);
    joint.target = settings.lower;
    joint.homed = true;
    joint.homing = false;
  }
  const double farthest = kHomingSlack * (settings.upper - settings.lower);
  if (joint.homing && joint.homing_from - joint.ramp.position() > farthest) {
    joint.homing = false;
    joint.endless = true;
  }
}

void JointMotion::move_joint(std::size_t i, double dt, const JointSettings & settings,
                             const JointPermit & permit) noexcept {
  Joint & joint = joints_[i];
  const AxisLimits limits = limits_of(settings);
  if (!permit.move || !permit.torque) {
    joint.homing = false;
    joint.ramp.rest(limits, dt);
    joint.target = joint.ramp.position();
  } else if (bit(permit.held, i)) {
    joint.ramp.rest(limits, dt);
  } else if (joint.homing) {
    home(joint, dt, report_.measured[i].position, settings);
  } else {
    joint.ramp.follow(joint.target, joint.speed, limits, dt);
  }
  set(report_.homed, i, joint.homed);
  set(report_.moving, i,
      joint.homing || !joint.ramp.rests() || joint.target != joint.ramp.position());
}

}  // namespace care_control

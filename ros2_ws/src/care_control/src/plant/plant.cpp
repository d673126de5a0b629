// SPDX-License-Identifier: Apache-2.0
#include "care_control/plant/plant.hpp"

#include <algorithm>
#include <cmath>

namespace care_control {
namespace {

constexpr double kTwoPi = 6.283185307179586;

double quantised(double value, double step) noexcept {
  return std::floor(value / step) * step;
}

/// Of one cycle: the chord of so short an arc is its length.
Pose moved(const Pose & pose, const Velocity & velocity, double dt) noexcept {
  const double turn = velocity.angular * dt;
  const double way = velocity.linear * dt;
  return {pose.x + way * std::cos(pose.yaw + turn / 2),
          pose.y + way * std::sin(pose.yaw + turn / 2), std::remainder(pose.yaw + turn, kTwoPi)};
}

}  // namespace

std::array<JointDriveSettings, 3> robot_joints() noexcept {
  JointDriveSettings lift;
  lift.upper = 0.45;
  lift.speed = 0.12;
  lift.inertia = 4.4;
  lift.weight = 43.2;
  lift.stiffness = 0.0005;
  lift.friction = 20.0;
  lift.brake = true;
  JointDriveSettings pan;
  pan.lower = -2.6;
  pan.upper = 2.6;
  pan.speed = 2.0;
  pan.force = 4.0;
  pan.inertia = 0.02;
  pan.friction = 0.2;
  pan.resolution = 0.00153;
  JointDriveSettings tilt = pan;
  tilt.lower = -0.7;
  tilt.upper = 1.0;
  tilt.inertia = 0.01;
  return {lift, pan, tilt};
}

Plant::Plant(const PlantSettings & settings, const Room & room, std::uint64_t seed) noexcept
    : settings_(settings),
      room_(room),
      random_(seed),
      drive_(settings.drive),
      laser_(settings.laser, random_),
      range_sensors_(settings.ranges, random_),
      gyroscope_(settings.gyro, random_) {
  for (std::size_t i = 0; i < joints_.size(); ++i) {
    joints_[i] = JointDrive(settings.joints[i]);
  }
  scene_.room = &room_;
  surroundings_.range_count = settings.ranges.count;
  // A sensor that has not yet measured has a place, but no time.
  for (std::uint32_t i = 0; i < settings.ranges.count; ++i) {
    const RangePlace & place = settings.ranges.places[i];
    surroundings_.ranges[i].bearing = std::atan2(place.y, place.x);
    surroundings_.ranges[i].half_angle = place.half_angle;
  }
}

void Plant::read(std::int64_t /*now_ns*/, double /*dt*/, HardwareState & state) noexcept {
  const double step = kTwoPi / settings_.encoder_counts;
  const double speed_step = settings_.speed_resolution;
  state.wheels.left_angle = quantised(left_angle_, step);
  state.wheels.right_angle = quantised(right_angle_, step);
  state.wheels.left_speed = std::round(drive_.left_speed() / speed_step) * speed_step;
  state.wheels.right_speed = std::round(drive_.right_speed() / speed_step) * speed_step;
  state.wheels.valid = !disturbances_.encoders_out;
  for (std::size_t i = 0; i < joints_.size(); ++i) {
    state.joints[i] = joints_[i].reading();
  }
  state.faults = disturbances_.faults;
  state.actuator = 0;
}

void Plant::write(std::int64_t now_ns, double dt, const HardwareCommand & command) noexcept {
  move_persons(dt);
  drive(dt, command);
  for (std::size_t i = 0; i < joints_.size(); ++i) {
    const double load = i == 0 ? disturbances_.lift_load : 0.0;
    joints_[i].step(command.joint_position[i], command.torque, load, dt);
  }
  measure(now_ns, dt);
}

bool Plant::sense(Surroundings & surroundings) noexcept {
  surroundings = surroundings_;
  return true;
}

bool Plant::admit(const Walk & walk) noexcept {
  if (person_count_ == kMaxPersons) {
    return false;
  }
  persons_[person_count_++] = Person(walk);
  move_persons(0.0);
  return true;
}

Nearness Plant::person() const noexcept {
  Nearness nearest;
  for (std::uint32_t i = 0; i < scene_.person_count; ++i) {
    const Disc & disc = scene_.persons[i];
    const double distance = gap(settings_.footprint, pose_, disc);
    if (distance < nearest.gap) {
      nearest = {distance, approach(settings_.footprint, pose_, drive_.velocity(), disc)};
    }
  }
  return nearest;
}

void Plant::move_persons(double dt) noexcept {
  scene_.person_count = 0;
  for (std::uint32_t i = 0; i < person_count_; ++i) {
    persons_[i].step(dt, {pose_.x, pose_.y});
    if (persons_[i].present()) {
      scene_.persons[scene_.person_count++] = persons_[i].disc();
    }
  }
}

WheelCommand Plant::wheel(double y, double speed, bool blocked,
                          const HardwareCommand & command) noexcept {
  return {speed, command.torque, blocked, grip_at(room_, placed(pose_, {0.0, y}))};
}

void Plant::drive(double dt, const HardwareCommand & command) noexcept {
  const double y = settings_.drive.half_track;
  drive_.step(wheel(y, command.left_speed, disturbances_.left_blocked, command),
              wheel(-y, command.right_speed, disturbances_.right_blocked, command), dt);
  advance(dt);
  left_angle_ += drive_.left_speed() * dt;
  right_angle_ += drive_.right_speed() * dt;
}

void Plant::advance(double dt) noexcept {
  const Velocity velocity = drive_.velocity();
  const Pose next = moved(pose_, velocity, dt);
  const Footprint & outline = settings_.footprint;
  const double radius = std::hypot(outline.half_length, outline.half_width);
  free_way_ -= (std::abs(velocity.linear) + radius * std::abs(velocity.angular)) * dt;
  if (free_way_ <= 0.0) {  // no outline moves farther than this: only now look at the walls again
    free_way_ = gap(outline, next, room_);
    if (free_way_ <= 0.0 && gap(outline, pose_, room_) > 0.0) {
      drive_.halt();
      return;
    }
  }
  pose_ = next;
}

void Plant::measure(std::int64_t now_ns, double dt) noexcept {
  if (!disturbances_.laser_out) {
    laser_.step(now_ns, dt, scene_, pose_, surroundings_.scan);
  }
  if (!disturbances_.ranges_out) {
    range_sensors_.step(now_ns, dt, scene_, pose_, surroundings_.ranges);
  }
  if (!disturbances_.gyro_out) {
    gyroscope_.step(now_ns, dt, drive_.velocity().angular, surroundings_.gyro);
  }
}

}  // namespace care_control

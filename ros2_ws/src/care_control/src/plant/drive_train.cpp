// SPDX-License-Identifier: Apache-2.0
#include "care_control/plant/drive_train.hpp"

#include <algorithm>
#include <cmath>

namespace care_control {
namespace {

constexpr double kGravity = 9.81;     // [m/s^2]
constexpr double kStandstill = 1e-4;  // [rad/s]: a real gear sticks below

}  // namespace

DriveTrain::DriveTrain(const DriveSettings & settings) noexcept
    : settings_(settings), side_mass_(settings.mass / 2) {
  left_.radius = settings.left_radius;
  right_.radius = settings.right_radius;
}

void DriveTrain::step(const WheelCommand & left, const WheelCommand & right, double dt) noexcept {
  step(left_, left, dt);
  step(right_, right, dt);
}

Velocity DriveTrain::velocity() const noexcept {
  return {(left_.ground + right_.ground) / 2,
          (right_.ground - left_.ground) / (2 * settings_.half_track)};
}

double DriveTrain::inertia(const Side & side) const noexcept {
  return settings_.wheel_inertia + side_mass_ * side.radius * side.radius;
}

double DriveTrain::torque(const Side & side, const WheelCommand & command,
                          double dt) const noexcept {
  if (!command.torque) {
    const double largest = std::min(settings_.drag, inertia(side) * std::abs(side.speed) / dt);
    return -std::copysign(largest, side.speed);
  }
  const double wanted =
      inertia(side) * (command.speed - side.speed) / (settings_.time_constant + dt);
  return std::clamp(wanted, -settings_.torque, settings_.torque);
}

void DriveTrain::step(Side & side, const WheelCommand & command, double dt) const noexcept {
  const double grip = command.grip * side_mass_ * settings_.wheel_load * kGravity;
  if (command.blocked) {
    const double force = std::clamp(-side_mass_ * side.ground / dt, -grip, grip);
    side.ground += force / side_mass_ * dt;
    side.speed = 0.0;
    side.slips = side.ground != 0.0;
    return;
  }
  const double drive = torque(side, command, dt);
  const double force = side_mass_ * side.radius * drive / inertia(side);  // that rolling needs
  if (side.slips || std::abs(force) > grip) {
    const double rub = side.radius * side.speed - side.ground;
    slide(side, drive, std::copysign(grip, side.slips ? rub : force), dt);
    return;
  }
  side.speed += drive / inertia(side) * dt;
  if ((command.speed == 0.0 || !command.torque) && std::abs(side.speed) < kStandstill) {
    side.speed = 0.0;
  }
  side.ground = side.radius * side.speed;
}

void DriveTrain::slide(Side & side, double torque, double force, double dt) const noexcept {
  side.speed += (torque - side.radius * force) / settings_.wheel_inertia * dt;
  side.ground += force / side_mass_ * dt;
  // The floor pulls wheel and base together; once past each other they roll again, at the speed
  // that keeps the momentum.
  side.slips = (side.radius * side.speed - side.ground) * force > 0.0;
  if (!side.slips) {
    side.speed = (settings_.wheel_inertia * side.speed + side_mass_ * side.radius * side.ground) /
                 inertia(side);
    side.ground = side.radius * side.speed;
  }
}

}  // namespace care_control

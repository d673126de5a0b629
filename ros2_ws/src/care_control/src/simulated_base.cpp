// SPDX-License-Identifier: Apache-2.0
#include "care_control/simulated_base.hpp"

#include <algorithm>
#include <cmath>

namespace care_control {
namespace {

constexpr double kIdleWatt = 60.0;            // computers, lidar, lights
constexpr double kDriveWattPerSpeed = 150.0;  // per m/s
constexpr double kSecondsPerHour = 3600.0;
constexpr double kEmptyVolt = 22.0;
constexpr double kFullVolt = 27.0;
constexpr double kStandstill = 1e-4;  // rad/s: a real gearbox sticks below

double settle(double speed, double command, double share) noexcept {
  const double next = speed + (command - speed) * share;
  return command == 0.0 && std::abs(next) < kStandstill ? 0.0 : next;
}

}  // namespace

const Wheels & SimulatedBase::step(double left_speed, double right_speed, double dt) noexcept {
  const double share = 1.0 - std::exp(-dt / time_constant_);
  wheels_.left_speed = settle(wheels_.left_speed, left_speed, share);
  wheels_.right_speed = settle(wheels_.right_speed, right_speed, share);
  wheels_.left_angle += wheels_.left_speed * dt;
  wheels_.right_angle += wheels_.right_speed * dt;
  return wheels_;
}

void SimulatedBase::read(std::int64_t, double, HardwareState & state) noexcept {
  state.wheels = wheels_;
}

void SimulatedBase::write(std::int64_t, double dt, const HardwareCommand & command) noexcept {
  step(command.left_speed, command.right_speed, dt);
}

void SimulatedBattery::step(double speed, double dt) noexcept {
  power_ = kIdleWatt + kDriveWattPerSpeed * std::abs(speed);
  charge_ = std::max(0.0, charge_ - power_ * dt / (capacity_ * kSecondsPerHour));
}

double SimulatedBattery::voltage() const noexcept {
  return kEmptyVolt + (kFullVolt - kEmptyVolt) * charge_;
}

double SimulatedBattery::current() const noexcept {
  return -power_ / voltage();
}

}  // namespace care_control

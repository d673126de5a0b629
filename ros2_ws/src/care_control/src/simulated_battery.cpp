// SPDX-License-Identifier: Apache-2.0
#include "care_control/simulated_battery.hpp"

#include <algorithm>
#include <cmath>

namespace care_control {
namespace {

constexpr double kIdleWatt = 60.0;            // computers, lidar, lights
constexpr double kDriveWattPerSpeed = 150.0;  // per m/s
constexpr double kSecondsPerHour = 3600.0;
constexpr double kEmptyVolt = 22.0;
constexpr double kFullVolt = 27.0;

}  // namespace

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

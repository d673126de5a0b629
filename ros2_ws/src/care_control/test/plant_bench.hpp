// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include "care_control/plant/plant.hpp"

namespace care_control {

/// A plant and the time that passes for it, in cycles of 1 ms.
struct PlantBench {
  static constexpr double kDt = 0.001;

  explicit PlantBench(const Room & room = Room{}, std::uint64_t seed = 1,
                      const PlantSettings & settings = PlantSettings{})
      : plant(settings, room, seed) {
    command.torque = true;
  }

  void run(int cycles) {
    for (int i = 0; i < cycles; ++i) {
      now_ns += 1'000'000;
      plant.write(now_ns, kDt, command);
    }
    plant.read(now_ns, kDt, state);
  }

  /// Command a speed of the base [m/s, rad/s].
  void drive(double linear, double angular, int cycles) {
    command.left_speed = (linear - 0.23 * angular) / 0.1;
    command.right_speed = (linear + 0.23 * angular) / 0.1;
    run(cycles);
  }

  Plant plant;
  HardwareCommand command;
  HardwareState state;
  std::int64_t now_ns = 0;
};

}  // namespace care_control

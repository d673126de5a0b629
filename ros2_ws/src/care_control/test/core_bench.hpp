// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>

#include "care_control/core.hpp"
#include "following_wheels.hpp"

namespace care_control {

constexpr double kDt = 0.001;
constexpr std::int64_t kMs = 1'000'000;

/// A core with wheels that follow, all that is watched in order, and time that runs in cycles.
class Bench : public ::testing::Test {
 protected:
  Bench() {
    in.now_ns = 1000 * kMs;
    in.configured = in.active = true;
    in.mode = Mode::kAutonomous;
    in.settings.peer_count = 2;
    run(5);
  }

  Outputs cycle() {
    in.now_ns += kMs;
    if (middleware_lives) {
      in.written_ns = in.now_ns;
    }
    for (std::size_t i = 0; i < 2; ++i) {
      in.peer_moved_ns[i] = peer_lives[i] ? in.now_ns : in.peer_moved_ns[i];
    }
    if (line_lives) {
      in.estop.received_ns = in.now_ns;
      in.estop.readable = true;
    }
    if (scan_lives) {
      in.surroundings.scan.received_ns = in.now_ns;
    }
    if (gyro_lives) {
      in.surroundings.gyro = {out.measured.angular * gyro_share, in.now_ns};
    }
    in.hardware.wheels = base.wheels();
    for (std::size_t i = 0; i < kMaxJoints; ++i) {
      in.hardware.joints[i] = {joints[i], 0.0, true};
    }
    if (tamper) {
      tamper(in);
    }
    out = core.step(dt, in);
    if (out.command.torque) {
      base.step(out.command.left_speed, out.command.right_speed, dt);
      joints = out.command.joint_position;
    } else {
      base.step(0.0, 0.0, dt);  // brakes
    }
    return out;
  }

  void run(int cycles) {
    for (int i = 0; i < cycles; ++i) {
      cycle();
    }
  }

  void command(double linear, double angular = 0.0) {
    in.autonomous = {{linear, angular}, in.now_ns};
  }

  /// Run with a command sent every 20 ms.
  void drive(int cycles, double linear, double angular = 0.0) {
    for (int i = 0; i < cycles; ++i) {
      if (i % 20 == 0) {
        command(linear, angular);
      }
      cycle();
    }
  }

  /// A scan of an empty room.
  void open_eyes() {
    in.settings.separation.scan_required = true;
    in.surroundings.scan.distance.fill(INFINITY);
    in.surroundings.scan.valid = true;
    scan_lives = true;
  }

  void lift_to(double height) {
    ++in.trajectory.count;
    in.trajectory.received_ns = in.now_ns;
    in.trajectory.joints = in.trajectory.points = 1;
    in.trajectory.point[0] = {0.0, {height}};
  }

  void reset() {
    ++in.reset_count;
    cycle();
  }

  int cycles_to_rest(int limit = 5000) {
    for (int i = 0; i < limit; ++i) {
      if (cycle().at_rest) {
        return i;
      }
    }
    return limit;
  }

  double dt = kDt;  ///< [s] of a cycle
  bool middleware_lives = true;
  bool peer_lives[2] = {true, true};
  bool line_lives = true;
  bool scan_lives = false;
  bool gyro_lives = false;
  double gyro_share = 1.0;  ///< of the base's turn that the gyroscope sees
  std::array<double, kMaxJoints> joints{};
  std::function<void(Inputs &)> tamper;  ///< has the last word on the inputs of each cycle
  Core core{Settings{}};
  FollowingWheels base;
  Inputs in;
  Outputs out;
};

}  // namespace care_control

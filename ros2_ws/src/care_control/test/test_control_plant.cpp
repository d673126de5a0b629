// SPDX-License-Identifier: Apache-2.0
// The plant's actuators: wheels on a floor, joints against gravity. No sensor of surroundings.
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "plant_bench.hpp"

namespace care_control {
namespace {

constexpr double kStep = 6.283185307179586 / 4096;

TEST(PlantWheels, follow_with_the_time_constant) {
  PlantBench bench;
  bench.drive(0.1, 0.0, 30);  // small enough for the torque limit
  EXPECT_NEAR(bench.plant.velocity().linear, 0.1 * (1 - std::exp(-1.0)), 0.003);
  bench.run(400);
  EXPECT_NEAR(bench.plant.velocity().linear, 0.1, 1e-6);
}

TEST(PlantWheels, speed_up_no_faster_than_their_torque_allows) {
  PlantSettings settings;
  settings.drive.torque = 2.0;
  PlantBench bench({}, 1, settings);
  bench.drive(0.8, 0.0, 100);
  const double inertia = 0.05 + 23.0 * 0.01;
  EXPECT_NEAR(bench.plant.velocity().linear, 0.1 * 2.0 / inertia * 0.1, 1e-9);
}

TEST(PlantWheels, carry_the_base_on_an_arc) {
  PlantBench bench;
  for (int i = 0; i < 1000; ++i) {
    bench.drive(0.0003 * i, 0.0006 * i, 1);  // within the torque of both wheels
  }
  bench.drive(0.3, 0.6, 4000);
  const Pose pose = bench.plant.pose();
  // A circle of radius 0.5 about (0, 0.5).
  EXPECT_NEAR(std::hypot(pose.x, pose.y - 0.5), 0.5, 1e-5);
  EXPECT_NEAR(pose.yaw, 0.6 * (4.5 - 0.031), 1e-3);
}

TEST(PlantWheels, turn_the_base_when_one_is_smaller) {
  PlantSettings settings;
  settings.drive.left_radius = 0.098;
  PlantBench bench({}, 1, settings);
  bench.drive(0.5, 0.0, 3000);
  EXPECT_NEAR(bench.plant.velocity().angular, 5.0 * 0.002 / 0.46, 1e-4);
}

TEST(PlantWheels, stand_still_once_stopped) {
  PlantBench bench;
  bench.drive(0.4, 0.0, 1000);
  bench.drive(0.0, 0.0, 1000);
  const double x = bench.plant.pose().x;
  bench.run(1000);
  EXPECT_EQ(bench.plant.velocity().linear, 0.0);
  EXPECT_EQ(bench.plant.pose().x, x);
}

TEST(PlantWheels, run_down_by_their_drag_without_torque) {
  PlantBench bench;
  bench.drive(0.5, 0.0, 1000);
  bench.command.torque = false;
  bench.run(100);
  EXPECT_NEAR(bench.plant.velocity().linear, 0.5 - 0.1 * 3.0 / 0.28 * 0.1, 1e-3);
  bench.run(1000);
  EXPECT_EQ(bench.plant.velocity().linear, 0.0);
}

TEST(PlantWheels, slip_on_a_wet_place_and_brake_by_its_grip_only) {
  Room room;
  room.patches[room.patch_count++] = {{{0.0, 0.0}, 50.0}, 0.1};
  PlantBench bench(room);
  for (int i = 0; i < 2000; ++i) {
    bench.drive(0.0004 * i, 0.0, 1);  // 0.4 m/s^2: within the grip
    ASSERT_FALSE(bench.plant.slips());
  }
  const double before = bench.plant.velocity().linear;
  bench.drive(0.0, 0.0, 100);
  EXPECT_TRUE(bench.plant.slips());
  EXPECT_LT(std::abs(bench.state.wheels.left_speed), 0.2);
  EXPECT_NEAR(before - bench.plant.velocity().linear, 0.1 * 0.7 * 9.81 * 0.1, 1e-3);
  bench.run(3000);
  EXPECT_EQ(bench.plant.velocity().linear, 0.0);
}

TEST(PlantWheels, slip_on_one_side_turns_the_base) {
  Room room;
  room.patches[room.patch_count++] = {{{0.0, 5.0}, 4.9}, 0.02};  // under the left wheel only
  PlantBench bench(room);
  bench.drive(0.8, 0.0, 200);
  EXPECT_TRUE(bench.plant.slips());
  EXPECT_GT(bench.plant.pose().yaw, 0.05);
  EXPECT_GT(bench.state.wheels.left_angle * 0.1, bench.plant.pose().x);  // it spins
}

TEST(PlantWheels, blocked_one_stands_and_the_base_turns_about_it) {
  PlantBench bench;
  bench.drive(0.3, 0.0, 1000);
  Disturbances disturbances;
  disturbances.left_blocked = true;
  bench.plant.disturb(disturbances);
  bench.run(1000);
  EXPECT_EQ(bench.state.wheels.left_speed, 0.0);
  EXPECT_NEAR(bench.plant.velocity().angular, 0.3 / 0.46, 1e-3);
}

TEST(PlantWheels, stop_at_a_wall_and_come_away_again) {
  Room room;
  room.add_box({0.0, 0.0}, 3.0, 3.0);
  PlantBench bench(room);
  bench.drive(0.5, 0.0, 5000);
  EXPECT_NEAR(bench.plant.pose().x, 1.5 - 0.28, 1e-3);
  EXPECT_GE(bench.plant.wall_gap(), 0.0);
  EXPECT_LT(bench.plant.velocity().linear, 0.02);
  bench.drive(-0.5, 0.0, 1000);
  EXPECT_LT(bench.plant.pose().x, 0.8);
}

TEST(PlantEncoders, report_whole_counts) {
  PlantBench bench;
  bench.drive(0.2, 0.0, 777);
  for (const double angle : {bench.state.wheels.left_angle, bench.state.wheels.right_angle}) {
    EXPECT_NEAR(angle / kStep, std::round(angle / kStep), 1e-6);
  }
  EXPECT_NEAR(bench.state.wheels.left_angle * 0.1, bench.plant.pose().x, kStep * 0.1);
  EXPECT_NEAR(bench.state.wheels.left_speed, 2.0, 0.013);
}

TEST(PlantEncoders, count_on_during_a_dropout) {
  PlantBench bench;
  bench.drive(0.2, 0.0, 500);
  Disturbances disturbances;
  disturbances.encoders_out = true;
  bench.plant.disturb(disturbances);
  bench.run(500);
  EXPECT_FALSE(bench.state.wheels.valid);
  bench.plant.disturb({});
  bench.run(1);
  EXPECT_TRUE(bench.state.wheels.valid);
  EXPECT_NEAR(bench.state.wheels.left_angle * 0.1, bench.plant.pose().x, kStep * 0.1);
}

TEST(PlantLift, sags_by_its_weight_and_moves_no_faster_than_its_servo) {
  PlantBench bench;
  bench.command.joint_position[0] = 0.3;
  bench.run(1000);
  EXPECT_LE(bench.plant.joint(0).velocity(), 0.12);
  EXPECT_GT(bench.plant.joint(0).velocity(), 0.1);
  bench.run(5000);
  // Force over error of the servo: inertia / (stiffness + dt) * gain.
  EXPECT_NEAR(bench.plant.joint(0).position(), 0.3 - 43.2 / (4.4 / 0.0015 * 20.0), 1e-6);
}

TEST(PlantLift, holds_by_its_brake_without_torque) {
  PlantBench bench;
  bench.command.joint_position[0] = 0.3;
  bench.run(6000);
  const double height = bench.plant.joint(0).position();
  bench.command.torque = false;
  bench.run(1000);
  EXPECT_EQ(bench.plant.joint(0).position(), height);
}

TEST(PlantLift, falls_to_its_stop_without_torque_and_brake) {
  PlantSettings settings;
  settings.joints[0].brake = false;
  PlantBench bench({}, 1, settings);
  bench.command.joint_position[0] = 0.3;
  bench.run(6000);
  bench.command.torque = false;
  bench.run(100);
  const double a = (43.2 - 20.0) / 4.4;
  EXPECT_NEAR(bench.plant.joint(0).velocity(), -a * 0.1, 1e-3);
  bench.run(1000);
  EXPECT_EQ(bench.plant.joint(0).position(), 0.0);
}

TEST(PlantLift, cannot_raise_more_than_its_force) {
  PlantBench bench;
  Disturbances disturbances;
  disturbances.lift_load = 170.0;  // with its own weight beyond 200 N
  bench.plant.disturb(disturbances);
  bench.command.joint_position[0] = 0.3;
  bench.run(2000);
  EXPECT_EQ(bench.plant.joint(0).position(), 0.0);
  disturbances.lift_load = 100.0;
  bench.plant.disturb(disturbances);
  bench.run(5000);
  EXPECT_GT(bench.plant.joint(0).position(), 0.28);
}

TEST(PlantLift, counts_from_where_its_servo_says_zero) {
  PlantSettings settings;
  settings.joints[0].start = 0.2;
  settings.joints[0].zero = 0.15;
  PlantBench bench({}, 1, settings);
  bench.run(1);
  EXPECT_NEAR(bench.state.joints[0].position, 0.05, 1e-3);
  bench.command.joint_position[0] = 0.1;
  bench.run(3000);
  EXPECT_NEAR(bench.plant.joint(0).position(), 0.25, 1e-3);
  bench.command.joint_position[0] = -0.3;  // down to the stop, and against it
  bench.run(6000);
  EXPECT_EQ(bench.plant.joint(0).position(), 0.0);
  EXPECT_NEAR(bench.state.joints[0].position, -0.15, 1e-5);
}

TEST(PlantHead, turns_to_what_is_asked_within_its_stops) {
  PlantBench bench;
  bench.command.joint_position = {0.0, 1.0, 5.0, 0.0};
  bench.run(3000);
  EXPECT_NEAR(bench.state.joints[1].position, 1.0, 0.002);
  EXPECT_NEAR(bench.state.joints[2].position, 1.0, 0.002);
  EXPECT_TRUE(bench.state.joints[1].valid);
  EXPECT_FALSE(bench.state.joints[3].valid);
}

TEST(Plant, reports_the_faults_that_it_is_given) {
  PlantBench bench;
  Disturbances disturbances;
  disturbances.faults = kBusLost | kActuatorOverload;
  bench.plant.disturb(disturbances);
  bench.run(1);
  EXPECT_EQ(bench.state.faults, kBusLost | kActuatorOverload);
}

/// All that comes out of a run among walls and persons.
std::vector<double> run_of(std::uint64_t seed) {
  Room room;
  room.add_box({0.0, 0.0}, 8.0, 6.0);
  room.patches[room.patch_count++] = {{{1.0, 0.0}, 0.5}, 0.1};
  PlantBench bench(room, seed);
  Walk walk;
  walk.way = {{{2.0, 2.0}, {-2.0, 2.0}, {0.0, -2.0}}};
  walk.count = 3;
  walk.loops = true;
  bench.plant.admit(walk);
  std::vector<double> all;
  for (int i = 0; i < 400; ++i) {
    bench.command.joint_position[0] = 0.001 * i;
    bench.drive(0.5, i % 100 < 50 ? 0.4 : -0.4, 20);
    const Surroundings & seen = bench.plant.surroundings();
    all.insert(all.end(), {bench.state.wheels.left_angle, bench.state.wheels.right_angle,
                           bench.plant.pose().x, bench.plant.pose().yaw, seen.gyro.yaw_rate,
                           seen.ranges[0].distance, bench.state.joints[0].position});
    all.insert(all.end(), seen.scan.distance.begin(), seen.scan.distance.end());
  }
  return all;
}

TEST(Plant, the_same_seed_gives_the_same_bytes) {
  const std::vector<double> once = run_of(7);
  const std::vector<double> again = run_of(7);
  ASSERT_EQ(once.size(), again.size());
  EXPECT_EQ(std::memcmp(once.data(), again.data(), once.size() * sizeof(double)), 0);
  const std::vector<double> other = run_of(8);
  EXPECT_NE(std::memcmp(once.data(), other.data(), once.size() * sizeof(double)), 0);
}

}  // namespace
}  // namespace care_control

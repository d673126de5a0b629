// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core_bench.hpp"

namespace care_control {
namespace {

TEST_F(Bench, an_obstacle_ahead_slows_stops_and_lets_go_without_a_fresh_command) {
  open_eyes();
  drive(3000, 0.6);
  ASSERT_EQ(out.state, State::kMoving);
  in.surroundings.scan.distance[0] = in.surroundings.scan.distance[71] = 1.4F;
  drive(100, 0.6);
  ASSERT_NE(out.state, State::kMoving);
  in.surroundings.scan.distance[0] = in.surroundings.scan.distance[71] = 0.8F;
  drive(1000, 0.6);
  EXPECT_EQ(out.state, State::kProtectiveStop);
  EXPECT_TRUE(out.causes & kObstacle);
  EXPECT_TRUE(out.at_rest);
  in.surroundings.scan.distance.fill(INFINITY);
  drive(3000, 0.6);
  EXPECT_EQ(out.state, State::kMoving);
  EXPECT_EQ(out.applied.linear, 0.6);
}

TEST_F(Bench, approaching_a_wall_it_slows_smoothly_and_stands_before_it) {
  open_eyes();
  double way = 0.0;
  bool limited = false;
  for (int i = 0; i < 12000; ++i) {
    if (i % 20 == 0) {
      command(0.6);
    }
    if (i % 100 == 0) {  // a scan every 0.1 s
      in.surroundings.scan.distance[0] = in.surroundings.scan.distance[71] =
          static_cast<float>(3.0 - way);
      in.surroundings.scan.received_ns = in.now_ns;
    }
    scan_lives = false;
    cycle();
    way += out.applied.linear * kDt;
    limited = limited || (out.state == State::kLimited && out.limiter == Limiter::kSeparation);
    if (out.state == State::kProtectiveStop) {
      ASSERT_LT(out.applied.linear, 0.1) << "it should have slowed down before";
    }
  }
  EXPECT_TRUE(limited);
  EXPECT_TRUE(out.at_rest);
  EXPECT_LT(way, 3.0 - 0.3 - 0.63 + 0.01);
  EXPECT_GT(way, 1.95);
}

TEST_F(Bench, from_an_obstacle_it_may_go_away) {
  open_eyes();
  in.surroundings.scan.distance[0] = 0.6F;
  drive(500, 0.3);
  ASSERT_EQ(out.state, State::kProtectiveStop);
  run(300);
  EXPECT_EQ(out.state, State::kReady);
  drive(1500, -0.2);
  EXPECT_EQ(out.state, State::kMoving);
  EXPECT_EQ(out.applied.linear, -0.2);
}

TEST_F(Bench, a_blind_robot_stands_and_needs_a_fresh_command_when_it_sees_again) {
  open_eyes();
  drive(3000, 0.6);
  scan_lives = false;
  drive(260, 0.6);
  EXPECT_EQ(out.state, State::kProtectiveStop);
  EXPECT_TRUE(out.causes & kSurroundingsUnseen);
  EXPECT_FALSE(out.causes & kObstacle);
  drive(400, 0.6);
  EXPECT_TRUE(out.at_rest);
  scan_lives = true;
  drive(3000, 0.6);
  EXPECT_EQ(out.state, State::kReady);
  EXPECT_EQ(out.applied.linear, 0.0);
}

TEST_F(Bench, what_is_near_behind_or_beside_slows_reversing_and_turning) {
  open_eyes();
  in.surroundings.scan.distance[36] = 1.2F;
  drive(3000, -0.3);
  EXPECT_EQ(out.state, State::kLimited);
  EXPECT_GT(out.applied.linear, -0.25);
  EXPECT_LT(out.applied.linear, 0.0);
  run(2000);
  in.surroundings.scan.distance.fill(INFINITY);
  in.surroundings.scan.distance[18] = 0.45F;
  drive(3000, 0.0, 0.9);
  EXPECT_EQ(out.state, State::kLimited);
  EXPECT_EQ(out.limiter, Limiter::kSeparation);
  EXPECT_LT(out.applied.angular, 0.8);
  EXPECT_GT(out.applied.angular, 0.0);
}

TEST_F(Bench, a_blind_robot_says_so_before_anyone_drives_it) {
  open_eyes();
  scan_lives = false;
  run(300);
  EXPECT_EQ(out.state, State::kProtectiveStop);
  EXPECT_TRUE(out.causes & kSurroundingsUnseen);
}

TEST_F(Bench, a_silent_range_behind_blocks_only_the_way_back) {
  in.surroundings.range_count = 1;
  in.surroundings.ranges[0] = {3.14159, 0.2, INFINITY, kNever};
  drive(1000, 0.4);
  EXPECT_EQ(out.state, State::kMoving);
  run(2000);
  drive(100, -0.2);
  EXPECT_EQ(out.state, State::kProtectiveStop);
  EXPECT_TRUE(out.causes & kSurroundingsUnseen);
  EXPECT_EQ(out.applied.linear, 0.0);
}

TEST_F(Bench, an_obstacle_together_with_another_cause_asks_for_a_fresh_command) {
  open_eyes();
  in.surroundings.scan.distance[0] = 0.7F;
  in.drawer_open = true;
  drive(500, 0.4);
  ASSERT_EQ(out.causes & (kObstacle | kDrawerOpen), kObstacle | kDrawerOpen);
  in.surroundings.scan.distance.fill(INFINITY);
  in.drawer_open = false;
  drive(3000, 0.4);
  EXPECT_EQ(out.applied.linear, 0.0);
  EXPECT_TRUE(out.causes & kCommandNotFresh);
}

TEST_F(Bench, a_required_gyroscope_that_falls_silent_stops_the_base) {
  in.settings.slip.gyro_required = true;
  gyro_lives = true;
  drive(3000, 0.6);
  ASSERT_EQ(out.state, State::kMoving);
  gyro_lives = false;
  drive(210, 0.6);
  EXPECT_EQ(out.state, State::kProtectiveStop);
  EXPECT_TRUE(out.causes & kGyroSilent);
}

TEST_F(Bench, slipping_wheels_slow_the_base_make_odometry_doubt_and_become_a_fault) {
  gyro_lives = true;
  drive(3000, 0.4, 0.8);
  const double before = out.velocity_covariance[0];
  gyro_share = 0.3;
  drive(400, 0.4, 0.8);
  EXPECT_TRUE(out.causes & kWheelsSlip);
  EXPECT_EQ(out.limiter, Limiter::kSlip);
  EXPECT_GT(out.velocity_covariance[0], 10 * before);
  in.settings.slip.yaw_difference = 0.05;
  drive(2500, 0.4, 0.8);
  EXPECT_EQ(out.state, State::kFault);
  EXPECT_TRUE(out.causes & kSlippedTooLong);
}

TEST_F(Bench, a_hardware_fault_latches_with_its_reason_and_cuts_the_torque_at_once) {
  drive(2000, 0.5);
  ASSERT_TRUE(out.command.torque);
  in.hardware.faults = kActuatorOverload;
  in.hardware.actuator = 2;
  drive(1, 0.5);
  EXPECT_EQ(out.state, State::kFault);
  EXPECT_FALSE(out.command.torque);
  in.hardware.faults = kActuatorRefused;
  in.hardware.actuator = 1;
  cycle();
  in.hardware.faults = in.hardware.actuator = 0;
  run(1500);
  EXPECT_EQ(out.state, State::kFault);
  EXPECT_EQ(out.hardware_faults, kActuatorOverload | kActuatorRefused);
  EXPECT_EQ(out.faulty_actuators, 3u);
  EXPECT_TRUE(out.causes & kHardwareFault);
  reset();
  EXPECT_EQ(out.reset_blocking, 0u);
  EXPECT_EQ(out.state, State::kReady);
  EXPECT_EQ(out.hardware_faults, 0u);
}

TEST_F(Bench, a_reset_waits_for_hardware_that_tries_again_and_is_refused_if_it_stays_away) {
  in.hardware.faults = kBusLost;
  run(100);
  reset();
  run(50);
  EXPECT_NE(out.reset_count, in.reset_count);
  run(50);
  EXPECT_EQ(out.reset_count, in.reset_count);
  EXPECT_EQ(out.reset_blocking, kHardwareFault);
  reset();
  run(20);
  in.hardware.faults = 0;
  run(2);
  EXPECT_EQ(out.reset_count, in.reset_count);
  EXPECT_EQ(out.reset_blocking, 0u);
  EXPECT_EQ(out.state, State::kReady);
}

TEST_F(Bench, an_emergency_stop_cuts_the_torque_in_its_cycle) {
  drive(3000, 0.6);
  ++in.estop_count;
  cycle();
  EXPECT_EQ(out.state, State::kEstop);
  EXPECT_FALSE(out.command.torque);
}

TEST_F(Bench, a_stop_brakes_in_its_cycle_and_holds) {
  drive(3000, 0.6);
  ++in.stop_count;
  const double before = out.applied.linear;
  cycle();
  EXPECT_LT(out.command.right_speed, before / 0.1);
  run(1000);
  EXPECT_TRUE(out.at_rest);
  EXPECT_TRUE(out.command.torque);
}

TEST_F(Bench, stop_categories_cut_the_torque_at_once_at_rest_or_never) {
  for (const auto category :
       {StopCategory::kTorqueOff, StopCategory::kBrakeThenTorqueOff, StopCategory::kBrakeAndHold}) {
    in.settings.stop_category = in.settings.estop_category = category;
    for (const bool estop : {false, true}) {
      run(300);
      drive(3000, 0.6);
      ASSERT_EQ(out.state, State::kMoving);
      (estop ? in.estop_count : in.stop_count) += 1;
      cycle();
      EXPECT_EQ(out.command.torque, category != StopCategory::kTorqueOff);
      run(2000);
      EXPECT_EQ(out.command.torque, category == StopCategory::kBrakeAndHold);
      reset();
      ASSERT_EQ(out.state, State::kReady);
    }
  }
}

TEST_F(Bench, torque_comes_with_activation_and_goes_at_rest_after_it) {
  EXPECT_TRUE(out.command.torque);
  drive(2000, 0.5);
  in.active = false;
  cycle();
  EXPECT_TRUE(out.command.torque);
  run(2500);
  EXPECT_FALSE(out.command.torque);
}

TEST_F(Bench, without_any_reading_of_wheels_or_joints_it_stands_without_torque) {
  Core fresh{Settings{}};
  core = fresh;
  in.hardware.wheels.valid = false;
  in.now_ns += kMs;
  in.written_ns = in.estop.received_ns = in.peer_moved_ns[0] = in.peer_moved_ns[1] = in.now_ns;
  out = core.step(kDt, in);
  EXPECT_EQ(out.state, State::kProtectiveStop);
  EXPECT_FALSE(out.command.torque);
  in.settings.joints.count = 1;
  in.hardware.wheels.valid = true;
  in.hardware.joints[0].valid = false;
  out = core.step(kDt, in);
  EXPECT_EQ(out.state, State::kProtectiveStop);
  EXPECT_FALSE(out.command.torque);
  in.hardware.joints[0].valid = true;
  out = core.step(kDt, in);
  EXPECT_EQ(out.state, State::kReady);
  EXPECT_TRUE(out.command.torque);
}

TEST_F(Bench, backward_has_its_own_limits) {
  in.settings.linear_reverse = {0.2, 0.3, 1.0};
  double last_speed = 0.0, last_acceleration = 0.0, fastest = 0.0;
  for (int i = 0; i < 8000; ++i) {
    if (i % 20 == 0) {
      command(i < 4000 ? -1.0 : 0.0);
    }
    cycle();
    const double acceleration = (out.applied.linear - last_speed) / kDt;
    EXPECT_LE(std::abs(acceleration), (acceleration < 0.0 ? 0.2 : 0.3) + 1e-6);
    EXPECT_LE(std::abs(acceleration - last_acceleration), 1.0 * kDt + 1e-6);
    last_speed = out.applied.linear;
    last_acceleration = acceleration;
    fastest = std::min(fastest, last_speed);
  }
  EXPECT_NEAR(fastest, -in.settings.speed.reverse, 1e-6);
  EXPECT_EQ(last_speed, 0.0);
}

/// A robot with a lift.
class WithLift : public Bench {
 protected:
  WithLift() {
    in.settings.lift.present = true;
    in.settings.joints.count = 1;
    in.settings.joints.joint[0] = {0.0, 0.45, 0.08, 0.25, 2.0, 0.05, 0.5, 0.0};
    Core fresh{in.settings};
    core = fresh;
    run(300);
  }
};

TEST_F(WithLift, a_raised_lift_bounds_the_speed_and_says_so) {
  lift_to(0.45);
  run(8000);
  ASSERT_NEAR(joints[0], 0.45, 1e-9);
  drive(4000, 0.6);
  EXPECT_NEAR(out.applied.linear, in.settings.lift.raised_speed, 1e-9);
  EXPECT_EQ(out.limiter, Limiter::kLift);
}

TEST_F(WithLift, the_lift_waits_until_the_base_is_slow_and_the_base_slows_for_it) {
  drive(3000, 0.6);
  lift_to(0.3);
  bool moved = false;
  for (int i = 0; i < 200; ++i) {
    drive(20, 0.6);
    if (joints[0] > 0.0 && !moved) {
      moved = true;
      EXPECT_LE(out.applied.linear, in.settings.lift.moving_speed + 1e-6);
    }
  }
  EXPECT_TRUE(moved);
  drive(6000, 0.6);
  EXPECT_NEAR(joints[0], 0.3, 1e-9);
  EXPECT_GT(out.applied.linear, in.settings.lift.raised_speed);
}

TEST_F(WithLift, a_stop_stops_the_lift_too_and_it_forgets_where_it_was_to_go) {
  lift_to(0.4);
  run(2000);
  ++in.stop_count;
  run(1000);
  const double there = joints[0];
  EXPECT_LT(there, 0.3);
  reset();
  run(2000);
  EXPECT_EQ(joints[0], there);
}

TEST_F(WithLift, a_lift_that_is_not_homed_counts_as_raised) {
  in.settings.joints.joint[0].homing_speed = 0.02;
  Core fresh{in.settings};
  core = fresh;
  run(300);
  drive(4000, 0.6);
  EXPECT_NEAR(out.applied.linear, in.settings.lift.raised_speed, 1e-9);
  EXPECT_TRUE(out.causes & kJointNotHomed);
}

TEST_F(WithLift, a_blocked_lift_is_a_fault) {
  lift_to(0.4);
  for (int i = 0; i < 4000; ++i) {
    joints[0] = 0.0;
    cycle();
  }
  EXPECT_EQ(out.state, State::kFault);
  EXPECT_TRUE(out.causes & kJointDoesNotFollow);
  EXPECT_EQ(out.joints.faulty, 1u);
  reset();
  EXPECT_EQ(out.reset_blocking, 0u);
  EXPECT_EQ(out.joints.faulty, 0u);
}

}  // namespace
}  // namespace care_control

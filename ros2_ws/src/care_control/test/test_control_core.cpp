// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core_bench.hpp"

namespace care_control {
namespace {

TEST_F(Bench, drives_as_commanded_and_measures_it) {
  drive(4000, 0.5, 0.3);
  EXPECT_EQ(out.state, State::kMoving);
  EXPECT_EQ(out.applied.linear, 0.5);
  EXPECT_EQ(out.applied.angular, 0.3);
  EXPECT_NEAR(out.measured.linear, 0.5, 1e-3);
  EXPECT_NEAR(out.measured.angular, 0.3, 1e-3);
}

TEST_F(Bench, limits_a_command_that_is_too_fast_and_says_so) {
  drive(4000, 3.0);
  EXPECT_EQ(out.state, State::kLimited);
  EXPECT_NEAR(out.applied.linear, 0.6, 1e-9);
  EXPECT_TRUE(out.causes & kSpeedReduced);
}

TEST_F(Bench, missed_cycles_lead_to_no_speed_beyond_its_cap) {
  std::mt19937 random(1);
  for (int start = 0; start < 80; ++start) {
    in.settings.speed.linear = 0.2 + 0.1 * (start % 3);
    in.autonomous = {};
    dt = kDt;
    core = Core{in.settings};
    run(5);
    for (int i = 0; i < 1000; ++i) {
      const int missed = random() % 8 == 0 ? static_cast<int>(random() % 9) : 0;
      dt = kDt * (1 + missed);
      in.now_ns += missed * kMs;
      command(1.0);
      cycle();
      ASSERT_LE(out.applied.linear, in.settings.speed.linear + 1e-6) << i;
    }
    ASSERT_NEAR(out.applied.linear, in.settings.speed.linear, 0.05);
  }
}

TEST_F(Bench, comes_to_rest_when_commands_end) {
  drive(3000, 0.6);
  run(240);
  EXPECT_EQ(out.state, State::kMoving);
  const int cycles = cycles_to_rest();
  EXPECT_LT(cycles, 1300);
  EXPECT_EQ(out.state, State::kReady);
}

TEST_F(Bench, a_time_out_is_a_quarter_of_a_second) {
  drive(3000, 0.6);
  command(0.6);
  run(249);
  EXPECT_EQ(out.applied.linear, 0.6);
  run(20);
  EXPECT_LT(out.applied.linear, 0.6);
}

TEST_F(Bench, a_command_that_is_not_finite_is_no_command) {
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    drive(300, bad, 0.0);
    EXPECT_EQ(out.applied.linear, 0.0);
    drive(300, 0.0, bad);
    EXPECT_EQ(out.applied.angular, 0.0);
  }
  drive(3000, 0.5);
  drive(2000, std::nan(""));
  EXPECT_TRUE(out.at_rest);
}

TEST_F(Bench, only_the_chosen_source_moves_the_base) {
  in.mode = Mode::kTeleop;
  drive(500, 0.5);
  EXPECT_EQ(out.applied.linear, 0.0);
  in.mode = Mode::kNone;
  drive(500, 0.5);
  EXPECT_EQ(out.applied.linear, 0.0);
  EXPECT_TRUE(out.causes & kNoMode);
}

TEST_F(Bench, teleop_ends_with_its_dead_man) {
  in.mode = Mode::kTeleop;
  run(10);
  for (int i = 0; i < 2000; ++i) {
    in.teleop = {{0.5, 0.0}, in.now_ns};
    cycle();
  }
  EXPECT_EQ(out.applied.linear, 0.5);
  run(199);
  EXPECT_EQ(out.applied.linear, 0.5);
  run(20);
  EXPECT_LT(out.applied.linear, 0.5);
}

TEST_F(Bench, changing_the_mode_stops_until_a_fresh_command) {
  in.mode = Mode::kTeleop;
  run(10);
  in.mode = Mode::kAutonomous;
  drive(300, 0.5);
  EXPECT_EQ(out.applied.linear, 0.0);
  EXPECT_TRUE(out.causes & kCommandNotFresh);
  drive(30, 0.0);
  drive(300, 0.5);
  EXPECT_GT(out.applied.linear, 0.0);
}

TEST_F(Bench, a_stop_latches_and_stays_when_its_source_lets_go) {
  drive(3000, 0.6);
  ++in.stop_count;
  in.stops_held = 1;
  drive(1, 0.6);
  EXPECT_EQ(out.state, State::kStopped);
  drive(450, 0.6);
  EXPECT_TRUE(out.at_rest);
  in.stops_held = 0;
  drive(2000, 0.6);
  EXPECT_EQ(out.state, State::kStopped);
  EXPECT_TRUE(out.at_rest);
}

TEST_F(Bench, a_stop_shorter_than_a_cycle_latches_too) {
  ++in.stop_count;
  cycle();
  EXPECT_EQ(out.state, State::kStopped);
}

TEST_F(Bench, an_emergency_stop_shorter_than_a_cycle_latches_too) {
  ++in.estop_count;
  cycle();
  EXPECT_EQ(out.state, State::kEstop);
}

TEST_F(Bench, a_stop_with_a_reset_in_the_same_cycle_wins) {
  ++in.stop_count;
  reset();
  EXPECT_EQ(out.state, State::kStopped);
  EXPECT_EQ(out.reset_blocking, kStopHeld);
}

TEST_F(Bench, a_reset_is_refused_while_the_source_holds_its_stop) {
  ++in.stop_count;
  in.stops_held = 1;
  run(500);
  reset();
  EXPECT_EQ(out.reset_blocking, kStopHeld);
  EXPECT_EQ(out.state, State::kStopped);
  in.stops_held = 0;
  reset();
  EXPECT_EQ(out.reset_blocking, 0u);
  EXPECT_EQ(out.state, State::kReady);
}

TEST_F(Bench, a_reset_is_refused_while_the_base_moves) {
  drive(3000, 0.6);
  ++in.stop_count;
  run(50);
  reset();
  EXPECT_TRUE(out.reset_blocking & kBaseMoves);
  EXPECT_EQ(out.state, State::kStopped);
}

TEST_F(Bench, a_reset_is_refused_while_motion_is_commanded) {
  ++in.stop_count;
  drive(500, 0.5);
  reset();
  EXPECT_EQ(out.reset_blocking, kCommandActive);
  EXPECT_EQ(out.state, State::kStopped);
}

TEST_F(Bench, a_reset_starts_no_motion_and_a_fresh_command_does) {
  ++in.stop_count;
  run(500);
  reset();
  EXPECT_EQ(out.state, State::kReady);
  run(500);
  EXPECT_EQ(out.applied.linear, 0.0);
  drive(500, 0.4);
  EXPECT_GT(out.applied.linear, 0.0);
}

TEST_F(Bench, an_emergency_stop_is_stronger_than_a_stop_and_one_reset_clears_both) {
  ++in.stop_count;
  cycle();
  in.estop.engaged = true;
  cycle();
  EXPECT_EQ(out.state, State::kEstop);
  in.estop.engaged = false;
  run(500);
  EXPECT_EQ(out.state, State::kEstop);
  reset();
  EXPECT_EQ(out.state, State::kReady);
}

TEST_F(Bench, a_line_that_cannot_be_read_or_is_silent_holds_the_base_until_it_can) {
  line_lives = false;
  in.estop = {true, false, in.now_ns};
  cycle();
  EXPECT_EQ(out.state, State::kProtectiveStop);
  EXPECT_TRUE(out.causes & kEstopUnreadable);
  in.estop = {false, true, in.now_ns};
  cycle();
  EXPECT_EQ(out.state, State::kReady);
  run(1001);
  EXPECT_EQ(out.state, State::kProtectiveStop);
  EXPECT_TRUE(out.causes & kEstopSilent);
}

TEST_F(Bench, a_line_that_is_not_required_may_be_silent_but_not_engaged) {
  in.settings.estop_required = false;
  line_lives = false;
  run(3000);
  EXPECT_EQ(out.state, State::kReady);
  in.estop.engaged = true;
  cycle();
  EXPECT_EQ(out.state, State::kEstop);
}

TEST_F(Bench, a_line_never_heard_holds_the_base_without_a_latch) {
  Core fresh{Settings{}};
  core = fresh;
  line_lives = false;
  in.estop = EstopLine{};
  drive(500, 0.5);
  EXPECT_EQ(out.state, State::kProtectiveStop);
  EXPECT_TRUE(out.causes & kEstopUnheard);
  line_lives = true;
  run(500);
  EXPECT_EQ(out.state, State::kReady);
}

TEST_F(Bench, a_silent_peer_stops_the_base_within_a_second_and_a_half_and_is_named) {
  drive(3000, 0.6);
  peer_lives[1] = false;
  drive(1000, 0.6);
  EXPECT_EQ(out.state, State::kMoving);
  drive(450, 0.6);
  EXPECT_EQ(out.state, State::kProtectiveStop);
  EXPECT_TRUE(out.at_rest);
  EXPECT_EQ(out.silent_peers, 2u);
}

TEST_F(Bench, a_stop_that_has_begun_ends_at_rest_though_its_cause_goes) {
  drive(3000, 0.6);
  peer_lives[0] = false;
  drive(1100, 0.6);
  ASSERT_EQ(out.state, State::kProtectiveStop);
  ASSERT_GT(out.applied.linear, 0.2);
  peer_lives[0] = true;
  double last = out.applied.linear;
  for (int i = 0; i < 2000; ++i) {
    cycle();
    ASSERT_GE(out.applied.linear, 0.0);
    ASSERT_LE(out.applied.linear, last);
    last = out.applied.linear;
  }
  EXPECT_EQ(out.state, State::kReady);
  EXPECT_EQ(last, 0.0);
}

TEST_F(Bench, after_a_silence_motion_needs_a_fresh_command) {
  peer_lives[0] = false;
  drive(1500, 0.6);
  peer_lives[0] = true;
  drive(2000, 0.6);
  EXPECT_EQ(out.state, State::kReady);
  EXPECT_EQ(out.applied.linear, 0.0);
  run(260);
  drive(100, 0.6);
  EXPECT_GT(out.applied.linear, 0.0);
}

TEST_F(Bench, an_open_drawer_holds_the_base) {
  drive(3000, 0.6);
  in.drawer_open = true;
  drive(500, 0.6);
  EXPECT_EQ(out.state, State::kProtectiveStop);
  EXPECT_TRUE(out.at_rest);
}

TEST_F(Bench, a_hung_middleware_stops_the_base) {
  drive(3000, 0.6);
  middleware_lives = false;
  run(510);
  EXPECT_EQ(out.state, State::kProtectiveStop);
  EXPECT_TRUE(out.causes & kMiddlewareSilent);
}

TEST_F(Bench, deactivation_ramps_to_rest_and_activation_starts_nothing) {
  drive(3000, 0.6);
  in.active = false;
  drive(1, 0.6);
  EXPECT_EQ(out.state, State::kInactive);
  EXPECT_GT(out.applied.linear, 0.59);
  drive(2000, 0.6);
  EXPECT_TRUE(out.at_rest);
  in.active = true;
  drive(1000, 0.6);
  EXPECT_EQ(out.state, State::kReady);
  EXPECT_EQ(out.applied.linear, 0.0);
}

TEST_F(Bench, a_latch_outlives_deactivation) {
  ++in.stop_count;
  cycle();
  in.active = in.configured = false;
  run(100);
  EXPECT_EQ(out.state, State::kStopped);
  reset();
  EXPECT_EQ(out.state, State::kInit);
}

TEST_F(Bench, a_blocked_wheel_is_a_fault) {
  drive(2000, 0.6);
  for (int i = 0; i < 700; ++i) {
    command(0.6);
    in.now_ns += kMs;
    in.written_ns = in.estop.received_ns = in.peer_moved_ns[0] = in.peer_moved_ns[1] = in.now_ns;
    in.hardware.wheels.left_speed = in.hardware.wheels.right_speed = 0.0;
    out = core.step(kDt, in);
  }
  EXPECT_EQ(out.state, State::kFault);
  EXPECT_TRUE(out.causes & kFaultLatched);
}

TEST_F(Bench, wheels_that_cannot_be_read_are_a_fault_after_the_longest_dropout) {
  for (const double bad : {0.0, std::nan(""), HUGE_VAL}) {
    Core copy = core;
    Inputs now = in;
    now.hardware.wheels = base.wheels();
    now.hardware.wheels.valid = bad != 0.0;
    now.hardware.wheels.left_angle += bad;
    for (int i = 1; i < 20; ++i) {
      ASSERT_EQ(copy.step(kDt, now).state, State::kReady) << i;
    }
    copy.step(kDt, now);
    out = copy.step(kDt, now);
    EXPECT_EQ(out.state, State::kFault);
    EXPECT_TRUE(out.causes & kWheelsUnreadable);
  }
}

TEST_F(Bench, wheels_that_jump_are_a_fault_and_no_way) {
  in.hardware.wheels = base.wheels();
  in.hardware.wheels.right_angle += 1.0;
  out = core.step(kDt, in);
  EXPECT_EQ(out.state, State::kFault);
  EXPECT_EQ(out.pose.yaw, 0.0);
}

}  // namespace
}  // namespace care_control

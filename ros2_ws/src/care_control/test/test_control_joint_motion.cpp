// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "care_control/joint_motion.hpp"

namespace care_control {
namespace {

constexpr double kDt = 0.001;
constexpr std::int64_t kMs = 1'000'000;

/// A lift and a pan joint whose actuators do exactly as told, or are blocked.
class Joints : public ::testing::Test {
 protected:
  Joints() {
    settings.count = 2;
    settings.joint[0] = {0.0, 0.45, 0.08, 0.25, 2.0, 0.02, 0.2, 0.0};
    settings.joint[1] = {-2.6, 2.6, 1.5, 3.0, 20.0, 0.2, 0.2, 0.0};
    actual = {0.1, -0.5};
    permit = {true, true, 0};
    run(2, false);
  }

  void run(int cycles, bool torque = true) {
    for (int i = 0; i < cycles; ++i) {
      now_ns += kMs;
      permit.torque = torque;
      HardwareState hardware;
      for (std::size_t j = 0; j < 2; ++j) {
        hardware.joints[j] = {actual[j], 0.0, readable[j]};
      }
      causes = motion.read(kDt, hardware, settings, torque);
      all_causes |= causes;
      motion.move(kDt, now_ns, trajectory, home_count, settings, permit, commands);
      for (std::size_t j = 0; j < 2; ++j) {
        actual[j] = torque && !blocked[j] ? std::max(commands[j], lowest[j]) : actual[j];
      }
    }
  }

  void go(double lift, double pan, double time = 0.0, std::uint32_t joints = 0b11) {
    ++trajectory.count;
    trajectory.received_ns = now_ns;
    trajectory.joints = joints;
    trajectory.points = 1;
    trajectory.point[0] = {time, {lift, pan}};
  }

  std::int64_t now_ns = 0;
  JointMotion motion;
  JointsSettings settings;
  JointTrajectory trajectory;
  JointPermit permit;
  std::uint64_t home_count = 0;
  std::array<double, 2> actual{};
  std::array<double, 2> lowest{-10.0, -10.0};
  std::array<bool, 2> readable{true, true};
  std::array<bool, 2> blocked{};
  std::array<double, kMaxJoints> commands{};
  std::uint32_t causes = 0;
  std::uint32_t all_causes = 0;
};

TEST_F(Joints, begin_where_they_are_and_stay_there) {
  run(100);
  EXPECT_EQ(commands[0], 0.1);
  EXPECT_EQ(commands[1], -0.5);
  EXPECT_EQ(motion.report().moving, 0u);
  EXPECT_EQ(all_causes, 0u);
}

TEST_F(Joints, go_where_they_are_told_and_say_when_they_are_there) {
  go(0.3, 1.0);
  run(100);
  EXPECT_EQ(motion.report().moving, 0b11u);
  run(5000);
  EXPECT_EQ(actual[0], 0.3);
  EXPECT_EQ(actual[1], 1.0);
  EXPECT_EQ(motion.report().moving, 0u);
  EXPECT_EQ(motion.report().trajectory, trajectory.count);
}

TEST_F(Joints, never_leave_their_limits_whatever_is_asked) {
  std::mt19937_64 random(9);
  for (int i = 0; i < 200; ++i) {
    go(static_cast<double>(random() % 3000) * 1e-3 - 1.5,
       static_cast<double>(random() % 9000) * 1e-3 - 4.5, i % 3 == 0 ? 0.5 : 0.0);
    trajectory.point[0].position[i % 2] = i % 7 == 0 ? std::nan("") : 9.0;
    for (int cycle = 0; cycle < 300; ++cycle) {
      const std::array<double, 2> before = actual;
      run(1);
      for (std::size_t j = 0; j < 2; ++j) {
        ASSERT_GE(actual[j], settings.joint[j].lower - 1e-6);
        ASSERT_LE(actual[j], settings.joint[j].upper + 1e-6);
        ASSERT_LE(std::abs(actual[j] - before[j]), (settings.joint[j].velocity + 1e-5) * kDt);
      }
    }
  }
}

TEST_F(Joints, outside_of_their_limits_they_may_only_come_back) {
  actual[0] = 0.5;
  run(2, false);
  go(0.47, 0.0);
  run(3000);
  EXPECT_NEAR(actual[0], 0.45, 1e-9);
}

TEST_F(Joints, follow_the_points_of_a_trajectory_in_time_and_together) {
  go(0.2, 0.5, 3.0);
  trajectory.points = 2;
  trajectory.point[1] = {6.0, {0.1, -0.5}};
  run(2900);
  EXPECT_LT(actual[0], 0.2);
  EXPECT_LT(actual[1], 0.5);
  run(150);
  EXPECT_NEAR(actual[0], 0.2, 2e-3);
  EXPECT_NEAR(actual[1], 0.5, 2e-2);
  run(3200);
  EXPECT_EQ(actual[0], 0.1);
  EXPECT_EQ(actual[1], -0.5);
  EXPECT_EQ(motion.report().moving, 0u);
}

TEST_F(Joints, wait_at_a_point_for_its_time) {
  go(0.1, -0.5, 2.0);  // where they are
  trajectory.points = 2;
  trajectory.point[1] = {0.0, {0.3, 1.0}};
  run(1990);
  EXPECT_EQ(actual[0], 0.1);
  run(5000);
  EXPECT_EQ(actual[0], 0.3);
}

TEST_F(Joints, a_joint_that_is_not_meant_stays) {
  go(0.3, 1.0, 0.0, 0b10);
  run(4000);
  EXPECT_EQ(actual[0], 0.1);
  EXPECT_EQ(actual[1], 1.0);
}

TEST_F(Joints, a_new_trajectory_takes_the_place_of_the_last) {
  go(0.4, 2.0);
  run(500);
  go(0.1, -1.0);
  run(6000);
  EXPECT_EQ(actual[0], 0.1);
  EXPECT_EQ(actual[1], -1.0);
}

TEST_F(Joints, an_old_trajectory_is_dropped) {
  go(0.3, 1.0);
  trajectory.received_ns = now_ns - 300 * kMs;
  run(1000);
  EXPECT_EQ(actual[1], -0.5);
  EXPECT_EQ(motion.report().trajectory, 0u);
}

TEST_F(Joints, without_permission_they_come_to_rest_and_forget) {
  go(0.4, 2.0, 3.0);
  trajectory.points = 2;
  trajectory.point[1] = {0.0, {0.2, 1.0}};
  run(500);
  permit.move = false;
  run(1000);
  const auto there = actual;
  EXPECT_LT(there[0], 0.2);
  EXPECT_EQ(motion.report().moving, 0u);
  permit.move = true;
  run(3000);
  EXPECT_EQ(actual, there);
}

TEST_F(Joints, a_trajectory_that_comes_without_permission_is_dropped) {
  permit.move = false;
  go(0.4, 2.0);
  run(100);
  permit.move = true;
  run(1000);
  EXPECT_EQ(actual[0], 0.1);
  EXPECT_EQ(actual[1], -0.5);
}

TEST_F(Joints, a_held_joint_waits_and_goes_on) {
  permit.held = 1;
  go(0.3, 1.0);
  run(3000);
  EXPECT_EQ(actual[0], 0.1);
  EXPECT_EQ(actual[1], 1.0);
  EXPECT_EQ(motion.report().moving, 1u);
  permit.held = 0;
  run(4000);
  EXPECT_EQ(actual[0], 0.3);
}

TEST_F(Joints, without_torque_they_go_on_from_where_they_were_moved_to) {
  run(10);
  run(10, false);
  actual[0] = 0.25;
  run(10, false);
  run(10);
  EXPECT_EQ(commands[0], 0.25);
  EXPECT_EQ(all_causes, 0u);
}

TEST_F(Joints, a_blocked_joint_is_a_fault_and_is_no_longer_pulled_at) {
  blocked[0] = true;
  go(0.3, 1.0);
  run(1500);
  EXPECT_TRUE(all_causes & kJointDoesNotFollow);
  EXPECT_EQ(motion.report().faulty, 1u);
  EXPECT_NEAR(commands[0], actual[0], 0.021);
  motion.reset();
  EXPECT_EQ(motion.report().faulty, 0u);
}

TEST_F(Joints, a_short_lag_is_no_fault) {
  blocked[1] = true;
  go(0.1, 0.5);
  run(400);  // error above its limit for less than the following time
  blocked[1] = false;
  run(2000);
  EXPECT_EQ(all_causes, 0u);
}

TEST_F(Joints, a_joint_that_can_no_longer_be_read_is_told_after_a_while) {
  readable[0] = false;
  run(150);
  EXPECT_EQ(all_causes, 0u);
  run(100);
  EXPECT_TRUE(causes & kJointUnreadable);
  EXPECT_EQ(motion.report().faulty, 1u);
}

TEST_F(Joints, a_joint_never_read_is_not_ready) {
  JointMotion fresh;
  motion = fresh;
  readable[1] = false;
  run(1, false);
  EXPECT_FALSE(motion.ready(settings));
  EXPECT_TRUE(causes & kJointUnreadable);
  readable[1] = true;
  run(1, false);
  EXPECT_TRUE(motion.ready(settings));
  EXPECT_EQ(causes, 0u);
  EXPECT_EQ(motion.report().faulty, 0u);
}

/// A lift whose encoder forgets where it is: its end is at 0.03 of its own count.
class Homing : public Joints {
 protected:
  Homing() {
    settings.joint[0].homing_speed = 0.04;
    JointMotion fresh;
    motion = fresh;
    actual[0] = 0.2;
    lowest[0] = 0.03;
    run(2, false);
  }
};

TEST_F(Homing, finds_the_end_and_counts_from_there) {
  EXPECT_EQ(motion.report().homed, 0b10u);
  ++home_count;
  run(6000);
  EXPECT_EQ(motion.report().homed, 0b11u);
  EXPECT_EQ(all_causes, 0u);
  EXPECT_NEAR(motion.report().measured[0].position, 0.0, 1e-9);
  go(0.1, -0.5);
  run(3000);
  EXPECT_NEAR(actual[0], 0.13, 1e-9);
  EXPECT_NEAR(motion.report().measured[0].position, 0.1, 1e-9);
}

TEST_F(Homing, a_joint_that_is_not_homed_follows_no_trajectory) {
  go(0.3, 1.0);
  run(3000);
  EXPECT_EQ(actual[0], 0.2);
  EXPECT_EQ(actual[1], 1.0);
}

TEST_F(Homing, begins_only_when_asked_and_permitted) {
  run(1000);
  EXPECT_EQ(actual[0], 0.2);
  permit.move = false;
  ++home_count;
  run(100);
  permit.move = true;
  run(1000);
  EXPECT_EQ(actual[0], 0.2);
}

TEST_F(Homing, a_stop_ends_it_and_leaves_the_joint_unhomed) {
  ++home_count;
  run(1000);
  permit.move = false;
  run(1000);
  const double there = actual[0];
  permit.move = true;
  run(1000);
  EXPECT_EQ(actual[0], there);
  EXPECT_EQ(motion.report().homed, 0b10u);
}

TEST_F(Homing, without_an_end_it_is_a_fault) {
  lowest[0] = -10.0;
  ++home_count;
  run(20000);
  EXPECT_TRUE(all_causes & kJointDoesNotFollow);
  EXPECT_EQ(motion.report().homed, 0b10u);
  EXPECT_GE(actual[0], 0.2 - 1.21 * 0.45);
}

}  // namespace
}  // namespace care_control

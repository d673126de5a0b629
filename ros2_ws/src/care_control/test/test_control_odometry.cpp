// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "care_control/odometry.hpp"
#include "care_control/simulated_base.hpp"

namespace care_control {
namespace {

constexpr double kRadius = 0.1;
constexpr double kTrack = 0.46;
constexpr double kPi = 3.141592653589793;

TEST(Odometry, a_straight_line_is_straight) {
  Odometry odometry(kRadius, kTrack);
  odometry.update(0.0, 0.0, 0.001);
  odometry.update(20.0, 20.0, 0.001);
  EXPECT_NEAR(odometry.pose().x, 2.0, 1e-12);
  EXPECT_EQ(odometry.pose().y, 0.0);
  EXPECT_EQ(odometry.pose().yaw, 0.0);
}

TEST(Odometry, one_large_arc_is_exact) {
  // A quarter circle of radius 1 m in a single step.
  Odometry odometry(kRadius, kTrack);
  odometry.update(0.0, 0.0, 0.001);
  const double turn = kPi / 2;
  odometry.update((1.0 - kTrack / 2) * turn / kRadius, (1.0 + kTrack / 2) * turn / kRadius, 0.001);
  EXPECT_NEAR(odometry.pose().x, 1.0, 1e-12);
  EXPECT_NEAR(odometry.pose().y, 1.0, 1e-12);
  EXPECT_NEAR(odometry.pose().yaw, turn, 1e-12);
}

TEST(Odometry, a_full_circle_comes_home_whatever_the_step) {
  for (const int steps : {3, 100, 10000}) {
    Odometry odometry(kRadius, kTrack);
    const double left = (0.7 - kTrack / 2) * 2 * kPi / kRadius / steps;
    const double right = (0.7 + kTrack / 2) * 2 * kPi / kRadius / steps;
    for (int i = 0; i <= steps; ++i) {
      odometry.update(left * i, right * i, 0.001);
    }
    EXPECT_NEAR(std::hypot(odometry.pose().x, odometry.pose().y), 0.0, 1e-9) << steps;
    EXPECT_NEAR(odometry.pose().yaw, 0.0, 1e-9) << steps;
  }
}

TEST(Odometry, turning_on_the_spot_moves_nothing) {
  Odometry odometry(kRadius, kTrack);
  odometry.update(0.0, 0.0, 0.01);
  odometry.update(-1.0, 1.0, 0.01);
  EXPECT_EQ(odometry.pose().x, 0.0);
  EXPECT_NEAR(odometry.pose().yaw, 2 * kRadius / kTrack, 1e-12);
  EXPECT_NEAR(odometry.velocity().angular, 2 * kRadius / kTrack / 0.01, 1e-9);
}

TEST(Odometry, the_first_angles_are_where_counting_starts) {
  Odometry odometry(kRadius, kTrack);
  odometry.update(1000.0, -500.0, 0.001);
  EXPECT_EQ(odometry.pose().x, 0.0);
  EXPECT_EQ(odometry.pose().yaw, 0.0);
}

TEST(Odometry, yaw_stays_within_half_a_turn) {
  Odometry odometry(kRadius, kTrack);
  for (int i = 0; i < 1000; ++i) {
    odometry.update(-0.3 * i, 0.3 * i, 0.001);
    ASSERT_LE(std::abs(odometry.pose().yaw), kPi + 1e-12);
  }
}

TEST(Odometry, uncertainty_grows_with_the_way_and_more_across_than_along) {
  Odometry odometry(kRadius, kTrack);
  double last = 0.0;
  for (int i = 0; i <= 1000; ++i) {
    odometry.update(0.1 * i, 0.1 * i, 0.001);
    const auto & p = odometry.covariance();
    ASSERT_GE(p[8], last);
    ASSERT_GE(p[0] * p[4] - p[1] * p[1], -1e-15);
    ASSERT_EQ(p[1], p[3]);
    last = p[8];
  }
  EXPECT_GT(odometry.covariance()[4], odometry.covariance()[0]);
}

TEST(SimulatedBase, follows_the_command_with_its_time_constant_and_comes_to_rest) {
  SimulatedBase base(0.05);
  for (int i = 0; i < 50; ++i) {
    base.step(10.0, 10.0, 0.001);
  }
  EXPECT_NEAR(base.wheels().left_speed, 10.0 * (1 - std::exp(-1.0)), 1e-9);
  for (int i = 0; i < 2000; ++i) {
    base.step(0.0, 0.0, 0.001);
  }
  EXPECT_EQ(base.wheels().left_speed, 0.0);
}

TEST(SimulatedBattery, driving_drains_more_than_standing_and_never_below_empty) {
  SimulatedBattery standing(0.5, 500.0);
  SimulatedBattery driving(0.5, 500.0);
  standing.step(0.0, 3600.0);
  driving.step(0.6, 3600.0);
  EXPECT_NEAR(standing.charge(), 0.5 - 60.0 / 500.0, 1e-9);
  EXPECT_LT(driving.charge(), standing.charge());
  driving.step(0.6, 1e6);
  EXPECT_EQ(driving.charge(), 0.0);
  EXPECT_LT(driving.current(), 0.0);
}

}  // namespace
}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "care_control/odometry.hpp"

namespace care_control {
namespace {

constexpr double kRadius = 0.1;
constexpr double kTrack = 0.46;
const OdometrySettings kSettings{kRadius, kTrack};
constexpr double kPi = 3.141592653589793;

TEST(Odometry, a_straight_line_is_straight) {
  Odometry odometry(kSettings);
  odometry.update(0.0, 0.0, 0.001);
  odometry.update(20.0, 20.0, 0.001);
  EXPECT_NEAR(odometry.pose().x, 2.0, 1e-12);
  EXPECT_EQ(odometry.pose().y, 0.0);
  EXPECT_EQ(odometry.pose().yaw, 0.0);
}

TEST(Odometry, one_large_arc_is_exact) {
  // A quarter circle of radius 1 m in a single step.
  Odometry odometry(kSettings);
  odometry.update(0.0, 0.0, 0.001);
  const double turn = kPi / 2;
  odometry.update((1.0 - kTrack / 2) * turn / kRadius, (1.0 + kTrack / 2) * turn / kRadius, 0.001);
  EXPECT_NEAR(odometry.pose().x, 1.0, 1e-12);
  EXPECT_NEAR(odometry.pose().y, 1.0, 1e-12);
  EXPECT_NEAR(odometry.pose().yaw, turn, 1e-12);
}

TEST(Odometry, a_full_circle_comes_home_whatever_the_step) {
  for (const int steps : {3, 100, 10000}) {
    Odometry odometry(kSettings);
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
  Odometry odometry(kSettings);
  odometry.update(0.0, 0.0, 0.01);
  odometry.update(-1.0, 1.0, 0.01);
  EXPECT_EQ(odometry.pose().x, 0.0);
  EXPECT_NEAR(odometry.pose().yaw, 2 * kRadius / kTrack, 1e-12);
  EXPECT_NEAR(odometry.velocity().angular, 2 * kRadius / kTrack / 0.01, 1e-9);
}

TEST(Odometry, the_first_angles_are_where_counting_starts) {
  Odometry odometry(kSettings);
  odometry.update(1000.0, -500.0, 0.001);
  EXPECT_EQ(odometry.pose().x, 0.0);
  EXPECT_EQ(odometry.pose().yaw, 0.0);
}

TEST(Odometry, yaw_stays_within_half_a_turn) {
  Odometry odometry(kSettings);
  for (int i = 0; i < 1000; ++i) {
    odometry.update(-0.3 * i, 0.3 * i, 0.001);
    ASSERT_LE(std::abs(odometry.pose().yaw), kPi + 1e-12);
  }
}

TEST(Odometry, uncertainty_grows_with_the_way_and_more_across_than_along) {
  Odometry odometry(kSettings);
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

TEST(Odometry, its_covariance_is_that_of_many_noisy_drives) {
  // 4000 drives along the same arc, each wheel's way with its own noise of 1 cm after 1 m.
  std::mt19937_64 random(17);
  std::normal_distribution<double> noise;
  constexpr int kDrives = 4000;
  constexpr int kSteps = 100;
  const double left = 0.02;
  const double right = 0.025;
  Odometry clean(kSettings);
  for (int i = 0; i <= kSteps; ++i) {
    clean.update(i * left / kRadius, i * right / kRadius, 0.01);
  }
  double xx = 0.0, yy = 0.0, tt = 0.0, yt = 0.0;
  for (int drive = 0; drive < kDrives; ++drive) {
    Odometry odometry(kSettings);
    double l = 0.0, r = 0.0;
    odometry.update(l, r, 0.01);
    for (int i = 0; i < kSteps; ++i) {
      l += (left + std::sqrt(1e-4 * left) * noise(random)) / kRadius;
      r += (right + std::sqrt(1e-4 * right) * noise(random)) / kRadius;
      odometry.update(l, r, 0.01);
    }
    const double dx = odometry.pose().x - clean.pose().x;
    const double dy = odometry.pose().y - clean.pose().y;
    const double dt = std::remainder(odometry.pose().yaw - clean.pose().yaw, 2 * kPi);
    xx += dx * dx / kDrives;
    yy += dy * dy / kDrives;
    tt += dt * dt / kDrives;
    yt += dy * dt / kDrives;
  }
  const auto & p = clean.covariance();
  EXPECT_NEAR(xx / p[0], 1.0, 0.12);
  EXPECT_NEAR(yy / p[4], 1.0, 0.12);
  EXPECT_NEAR(tt / p[8], 1.0, 0.12);
  EXPECT_NEAR(yt / p[5], 1.0, 0.25);
}

TEST(Odometry, each_wheel_has_its_own_radius_and_the_track_its_scale) {
  OdometrySettings settings = kSettings;
  settings.left_scale = 1.02;
  settings.right_scale = 0.99;
  settings.track_scale = 1.1;
  Odometry odometry(settings);
  odometry.update(0.0, 0.0, 0.01);
  odometry.update(1.0 / 1.02, 1.0 / 0.99, 0.01);
  EXPECT_NEAR(odometry.pose().x, kRadius, 1e-12);
  EXPECT_NEAR(odometry.pose().yaw, 0.0, 1e-12);
  odometry.update(1.0 / 1.02, 1.1 / 0.99, 0.01);
  EXPECT_NEAR(odometry.pose().yaw, 0.1 * kRadius / (kTrack * 1.1), 1e-12);
}

TEST(Odometry, an_encoder_that_begins_again_changes_nothing) {
  OdometrySettings settings = kSettings;
  settings.encoder_span = 2 * kPi;
  Odometry plain(kSettings);
  Odometry wrapped(settings);
  for (int i = 0; i <= 2000; ++i) {
    const double left = -0.05 * i;
    const double right = 0.07 * i;
    plain.update(left, right, 0.001);
    wrapped.update(std::remainder(left, 2 * kPi), std::remainder(right, 2 * kPi), 0.001);
    ASSERT_NEAR(wrapped.pose().x, plain.pose().x, 1e-9);
    ASSERT_NEAR(std::remainder(wrapped.pose().yaw - plain.pose().yaw, 2 * kPi), 0.0, 1e-9);
  }
}

TEST(Odometry, a_dropout_is_bridged_and_leaves_no_error) {
  Odometry odometry(kSettings);
  odometry.update(0.0, 0.0, 0.001);
  for (int i = 1; i <= 100; ++i) {
    if (i < 40 || i > 50) {
      odometry.update(0.005 * i, 0.005 * i, i == 51 ? 0.012 : 0.001);
      ASSERT_NEAR(odometry.velocity().linear, 0.5, 1e-9) << i;
    }
  }
  EXPECT_NEAR(odometry.pose().x, 0.5 * kRadius, 1e-12);
}

TEST(Odometry, its_velocity_evens_out_the_steps_of_an_encoder) {
  Odometry odometry(kSettings);
  constexpr double kTick = 2 * kPi / 4096;
  for (int i = 0; i <= 200; ++i) {
    const double angle = std::floor(0.004 * i / kTick) * kTick;  // 4 rad/s: 0.4 m/s
    odometry.update(angle, angle, 0.001);
    if (i > 20) {
      ASSERT_NEAR(odometry.velocity().linear, 0.4, kTick * kRadius / 0.016 + 1e-9);
    }
  }
}

TEST(Odometry, is_less_sure_of_pose_and_speed_while_the_wheels_slip) {
  Odometry sure(kSettings);
  Odometry slipping(kSettings);
  for (int i = 0; i <= 10; ++i) {
    sure.update(0.1 * i, 0.1 * i, 0.001);
    slipping.update(0.1 * i, 0.1 * i, 0.001, 100.0);
  }
  for (const std::size_t axis : {0U, 4U, 8U}) {
    EXPECT_GT(slipping.covariance()[axis], 50 * sure.covariance()[axis]);
  }
  EXPECT_NEAR(slipping.velocity_covariance()[0], 100 * sure.velocity_covariance()[0], 1e-9);
  EXPECT_GT(sure.velocity_covariance()[3], 0.0);
}

}  // namespace
}  // namespace care_control

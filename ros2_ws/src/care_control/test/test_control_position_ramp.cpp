// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>

#include "care_control/position_ramp.hpp"

namespace care_control {
namespace {

constexpr double kDt = 0.001;
const AxisLimits kLimits{0.25, 0.25, 2.0};
constexpr double kFastest = 0.08;

int trials() {
  return std::getenv("NIGHTINGALE_LONG") != nullptr ? 500 : 60;
}

/// One cycle that asserts all limits.
void follow_within(PositionRamp & ramp, double target) {
  const double position = ramp.position();
  const double speed = ramp.speed();
  const double acceleration = ramp.acceleration();
  ramp.follow(target, kFastest, kLimits, kDt);
  ASSERT_LE(std::abs(ramp.speed()), kFastest + 1e-6);
  ASSERT_LE(std::abs(ramp.speed() - speed), (kLimits.up + 1e-6) * kDt);
  ASSERT_LE(std::abs(ramp.acceleration() - acceleration), kLimits.jerk * kDt + 1e-9);
  ASSERT_LE(std::abs(ramp.position() - position), (kFastest + 1e-6) * kDt);
}

TEST(PositionRamp, keeps_speed_acceleration_and_jerk_while_targets_jump) {
  std::mt19937_64 random(5);
  PositionRamp ramp;
  double target = 0.2;
  for (int i = 0; i < trials() * 1000; ++i) {
    if (random() % 400 == 0) {
      target = static_cast<double>(random() % 451) * 1e-3;
    }
    follow_within(ramp, target);
    ASSERT_GE(ramp.position(), -1e-6);  // the ends are kept as every target is
    ASSERT_LE(ramp.position(), 0.45 + 1e-6);
  }
}

TEST(PositionRamp, reaches_every_target_at_rest_and_without_passing_it) {
  std::mt19937_64 random(6);
  PositionRamp ramp;
  for (int trial = 0; trial < trials(); ++trial) {
    const double from = ramp.position();
    const double target = static_cast<double>(random() % 451) * 1e-3;
    for (int i = 0; i < 7500; ++i) {
      follow_within(ramp, target);
      const double passed = target >= from ? ramp.position() - target : target - ramp.position();
      ASSERT_LT(passed, 1e-6) << "from " << from << " to " << target;
    }
    ASSERT_EQ(ramp.position(), target);
    ASSERT_TRUE(ramp.rests());
  }
}

TEST(PositionRamp, near_an_end_its_speed_is_one_from_which_it_can_stop_there) {
  PositionRamp ramp;
  for (int i = 0; i < 8000; ++i) {
    ramp.follow(0.45, kFastest, kLimits, kDt);
    const double left = std::max(0.0, 0.45 - ramp.position());
    ASSERT_LE(ramp.speed(), std::sqrt(2 * kLimits.down * left) + 1e-6);
  }
}

TEST(PositionRamp, is_hardly_slower_than_the_limits_allow) {
  PositionRamp ramp;
  int cycles = 0;
  while (ramp.position() != 0.45 && cycles < 20000) {
    ramp.follow(0.45, kFastest, kLimits, kDt);
    ++cycles;
  }
  const double least = 0.45 / kFastest + kFastest / kLimits.down + kLimits.down / kLimits.jerk;
  EXPECT_NEAR(cycles * kDt, least, 0.1);
}

TEST(PositionRamp, comes_to_rest_from_any_motion) {
  for (const int moving : {50, 200, 1000, 3000}) {
    PositionRamp ramp;
    for (int i = 0; i < moving; ++i) {
      ramp.follow(0.45, kFastest, kLimits, kDt);
    }
    const double way = stopping_way({ramp.speed(), ramp.acceleration()}, kLimits);
    const double from = ramp.position();
    for (int i = 0; i < 1500; ++i) {
      const double acceleration = ramp.acceleration();
      ramp.rest(kLimits, kDt);
      ASSERT_LE(std::abs(ramp.acceleration() - acceleration), kLimits.jerk * kDt + 1e-9);
      ASSERT_GE(ramp.speed(), -1e-6);
    }
    EXPECT_TRUE(ramp.rests());
    EXPECT_NEAR(ramp.position() - from, way, 2e-4);
  }
}

TEST(SpeedFor, makes_a_way_take_its_time) {
  for (const double duration : {6.5, 8.0, 20.0}) {
    const double speed = speed_for(0.45, duration, kFastest, kLimits);
    PositionRamp ramp;
    int cycles = 0;
    while (ramp.position() != 0.45 && cycles < 40000) {
      ramp.follow(0.45, speed, kLimits, kDt);
      ++cycles;
    }
    EXPECT_NEAR(cycles * kDt, duration, 0.05 + 0.01 * duration);
  }
  EXPECT_EQ(speed_for(0.45, 1.0, kFastest, kLimits), kFastest);
  EXPECT_EQ(speed_for(0.0, 1.0, kFastest, kLimits), kFastest);
}

}  // namespace
}  // namespace care_control

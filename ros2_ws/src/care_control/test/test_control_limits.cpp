// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>

#include "care_control/limits.hpp"

namespace care_control {
namespace {

constexpr double kDt = 0.001;
const AxisLimits kLimits{0.6, 1.0, 3.0};

int trials() {
  return std::getenv("NIGHTINGALE_LONG") != nullptr ? 2000 : 100;
}

TEST(AxisRamp, keeps_acceleration_and_jerk_while_targets_jump) {
  std::mt19937_64 random(7);
  AxisRamp ramp;
  double target = 0.0;
  for (int i = 0; i < trials() * 200; ++i) {
    if (random() % 300 == 0) {
      target = static_cast<double>(random() % 1601) * 1e-3 - 0.8;
    }
    const double speed = ramp.speed();
    const double acceleration = ramp.acceleration();
    ramp.follow(target, kLimits, kDt);
    ASSERT_LE(std::abs(ramp.speed() - speed), (kLimits.down + 1e-9) * kDt);
    ASSERT_LE(std::abs(ramp.acceleration() - acceleration), (kLimits.jerk + 1e-9) * kDt);
    ASSERT_LE(std::abs(ramp.speed()), 0.8 + 1e-6);
  }
}

TEST(AxisRamp, reaches_every_target_without_overshoot) {
  std::mt19937_64 random(11);
  AxisRamp ramp;
  for (int trial = 0; trial < trials(); ++trial) {
    const double target = static_cast<double>(random() % 1601) * 1e-3 - 0.8;
    const double from = ramp.speed();
    for (int i = 0; i < 4000; ++i) {
      ramp.follow(target, kLimits, kDt);
      const double passed = target >= from ? ramp.speed() - target : target - ramp.speed();
      ASSERT_LT(passed, 1e-6) << "from " << from << " to " << target;
    }
    ASSERT_EQ(ramp.speed(), target);
  }
}

TEST(AxisRamp, speeds_up_more_slowly_than_it_slows_down) {
  AxisRamp ramp;
  int up = 0;
  int down = 0;
  while (ramp.speed() < 0.6) {
    ramp.follow(0.6, kLimits, kDt);
    ++up;
  }
  while (ramp.speed() > 0.0) {
    ramp.follow(0.0, kLimits, kDt);
    ++down;
  }
  EXPECT_GT(up, down + 200);
}

TEST(AxisRamp, reverses_only_through_a_stop) {
  AxisRamp ramp;
  for (int i = 0; i < 3000; ++i) {
    ramp.follow(0.5, kLimits, kDt);
  }
  double last = ramp.speed();
  double acceleration_at_zero = 1.0;
  for (int i = 0; i < 6000; ++i) {
    const double speed = ramp.follow(-0.5, kLimits, kDt);
    ASSERT_LE(speed, last + 1e-6);
    if (last > 0.0 && speed <= 0.0) {
      acceleration_at_zero = std::abs(ramp.acceleration());
    }
    last = speed;
  }
  EXPECT_LT(acceleration_at_zero, 2 * kLimits.jerk * kDt);  // nearly at rest in both senses
  EXPECT_EQ(last, -0.5);
}

TEST(AxisRamp, brakes_to_exactly_zero_at_the_given_deceleration) {
  AxisRamp ramp;
  for (int i = 0; i < 4000; ++i) {
    ramp.follow(0.8, kLimits, kDt);
  }
  int cycles = 0;
  while (ramp.speed() > 0.0) {
    ramp.brake(2.0, kDt);
    ++cycles;
  }
  EXPECT_NEAR(cycles, 400, 1);
  EXPECT_EQ(ramp.speed(), 0.0);
  EXPECT_EQ(ramp.acceleration(), 0.0);
}

TEST(Within, keeps_the_curvature_and_every_limit) {
  std::mt19937_64 random(3);
  SpeedLimits limits;
  for (int i = 0; i < trials() * 100; ++i) {
    limits.wheel = i % 2 == 0 ? 12.0 : 4.0;  // the second is the tightest of all limits
    const Velocity wanted{static_cast<double>(random() % 6001) * 1e-3 - 3.0,
                          static_cast<double>(random() % 12001) * 1e-3 - 6.0};
    const Limited got = within(wanted, limits);
    const double v = got.velocity.linear;
    const double w = got.velocity.angular;
    ASSERT_LE(v, limits.linear + 1e-9);
    ASSERT_GE(v, -limits.reverse - 1e-9);
    ASSERT_LE(std::abs(w), limits.angular + 1e-9);
    ASSERT_LE(std::abs(v * w), limits.lateral + 1e-9);
    ASSERT_LE((std::abs(v) + std::abs(w) * limits.half_track) / limits.wheel_radius,
              limits.wheel + 1e-9);
    ASSERT_NEAR(v * wanted.angular, w * wanted.linear, 1e-9);
    ASSERT_EQ(got.reduced, v != wanted.linear || w != wanted.angular);
  }
}

TEST(Within, names_what_reduces_most) {
  SpeedLimits limits;
  EXPECT_EQ(within({0.9, 0.0}, limits).limiter, Limiter::kSpeed);
  EXPECT_EQ(within({0.0, -2.0}, limits).limiter, Limiter::kSpeed);
  EXPECT_EQ(within({0.59, 0.99}, limits).limiter, Limiter::kLateral);
  limits.wheel = 4.0;
  EXPECT_EQ(within({0.5, 0.1}, limits).limiter, Limiter::kWheel);
  EXPECT_EQ(within({0.1, 0.1}, limits).limiter, Limiter::kNone);
}

TEST(Within, a_speed_of_zero_lets_nothing_pass) {
  SpeedLimits limits;
  limits.linear = limits.angular = 0.0;
  EXPECT_EQ(within({0.3, 0.2}, limits).velocity.linear, 0.0);
  EXPECT_EQ(within({0.3, 0.2}, limits).velocity.angular, 0.0);
  EXPECT_EQ(within({-0.3, 0.0}, limits).velocity.linear, -0.3);
}

TEST(HoldBack, keeps_wheels_and_lateral_acceleration_on_the_way_too) {
  std::mt19937_64 random(5);
  SpeedLimits limits;
  limits.linear = 0.8;
  limits.reverse = 0.5;
  limits.angular = 2.0;
  limits.wheel = 9.0;
  const AxisLimits turn{1.5, 2.5, 10.0};
  AxisRamp linear;
  AxisRamp angular;
  Velocity target;
  double tightest = 0.0;
  for (int i = 0; i < trials() * 2000; ++i) {
    if (random() % 400 == 0) {
      const Velocity wanted{static_cast<double>(random() % 3001) * 1e-3 - 1.5,
                            static_cast<double>(random() % 6001) * 1e-3 - 3.0};
      target = within(wanted, limits).velocity;
    }
    const Velocity aim =
        hold_back(target, {linear.peak(kLimits.jerk, kDt), angular.peak(turn.jerk, kDt)}, limits);
    const double v = std::abs(linear.follow(aim.linear, kLimits, kDt));
    const double w = std::abs(angular.follow(aim.angular, turn, kDt));
    ASSERT_LE(v * w, limits.lateral + 1e-6) << i;
    ASSERT_LE(v + w * limits.half_track, limits.wheel * limits.wheel_radius + 1e-6) << i;
    tightest = std::max(tightest, v * w);
  }
  EXPECT_GT(tightest, 0.999 * limits.lateral);  // the room is used
}

TEST(HoldBack, reaches_every_target_that_lies_within_the_limits) {
  SpeedLimits limits;
  for (const Velocity & start : {Velocity{0.6, 0.8}, Velocity{-0.3, -1.0}, Velocity{0.0, 1.0}}) {
    for (const Velocity & target : {Velocity{0.5, -1.0}, Velocity{0.6, 0.0}, Velocity{-0.3, 1.0}}) {
      AxisRamp linear;
      AxisRamp angular;
      for (int i = 0; i < 12000; ++i) {
        const Velocity to = i < 4000 ? start : target;
        const Velocity aim =
            hold_back(to, {linear.peak(3.0, kDt), angular.peak(10.0, kDt)}, limits);
        linear.follow(aim.linear, kLimits, kDt);
        angular.follow(aim.angular, {1.5, 2.5, 10.0}, kDt);
      }
      EXPECT_NEAR(linear.speed(), target.linear, 1e-9);
      EXPECT_NEAR(angular.speed(), target.angular, 1e-9);
    }
  }
}

TEST(AxisRamp, its_peak_is_what_it_reaches_when_the_target_falls_back) {
  for (const double sign : {1.0, -1.0}) {
    AxisRamp ramp;
    for (int i = 0; i < 300; ++i) {
      ramp.follow(sign * 0.8, kLimits, kDt);
    }
    const double peak = ramp.peak(kLimits.jerk, kDt);
    ASSERT_GT(peak, std::abs(ramp.speed()) + 0.01);
    double highest = 0.0;
    for (int i = 0; i < 1000; ++i) {
      highest = std::max(highest, std::abs(ramp.follow(sign * peak, kLimits, kDt)));
    }
    EXPECT_NEAR(highest, peak, 1e-6);
  }
}

TEST(Within, lets_a_small_velocity_pass_unchanged) {
  const Limited got = within({0.3, -0.4}, SpeedLimits{});
  EXPECT_EQ(got.velocity.linear, 0.3);
  EXPECT_EQ(got.velocity.angular, -0.4);
  EXPECT_FALSE(got.reduced);
}

}  // namespace
}  // namespace care_control

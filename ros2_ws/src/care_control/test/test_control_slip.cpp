// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "care_control/slip.hpp"

namespace care_control {
namespace {

constexpr double kDt = 0.001;
constexpr std::int64_t kMs = 1'000'000;

class Slip : public ::testing::Test {
 protected:
  Slip() { watch.torque = true; }

  std::uint32_t run(int cycles) {
    std::uint32_t causes = 0;
    for (int i = 0; i < cycles; ++i) {
      now_ns += kMs;
      if (gyro_lives) {
        watch.gyro.received_ns = now_ns;
      }
      causes = slip.update(kDt, now_ns, watch, settings);
    }
    return causes;
  }

  bool gyro_lives = true;
  std::int64_t now_ns = 0;
  SlipWatch slip;
  SlipSettings settings;
  WheelWatch watch;
};

TEST_F(Slip, wheels_and_gyroscope_that_agree_are_no_slip) {
  watch.yaw_rate = watch.gyro.yaw_rate = 0.8;
  EXPECT_EQ(run(3000), 0u);
}

TEST_F(Slip, wheels_that_turn_the_base_less_than_they_turn_slip_and_then_fault) {
  watch.yaw_rate = 0.8;
  watch.gyro.yaw_rate = 0.3;
  EXPECT_EQ(run(100), 0u);
  EXPECT_EQ(run(150), kWheelsSlip);
  EXPECT_EQ(run(2100), kWheelsSlip | kSlippedTooLong);
}

TEST_F(Slip, ends_after_a_while_of_agreement) {
  watch.gyro.yaw_rate = -0.6;
  ASSERT_EQ(run(400), kWheelsSlip);
  watch.gyro.yaw_rate = 0.0;
  EXPECT_EQ(run(400), kWheelsSlip);
  EXPECT_EQ(run(400), 0u);
}

TEST_F(Slip, a_short_bump_is_no_slip) {
  watch.gyro.yaw_rate = 1.0;
  run(60);
  watch.gyro.yaw_rate = 0.0;
  EXPECT_EQ(run(300), 0u);
}

TEST_F(Slip, learns_the_bias_of_the_gyroscope_at_rest_only) {
  watch.rests = true;
  watch.gyro.yaw_rate = 0.05;
  run(1000);
  EXPECT_NEAR(slip.bias(), 0.05, 1e-9);
  watch.rests = false;
  watch.gyro.yaw_rate = 0.09;
  run(1000);
  EXPECT_NEAR(slip.bias(), 0.05, 1e-9);
  watch.rests = true;
  watch.gyro.yaw_rate = 0.5;  // turned by hand: no bias
  run(1000);
  EXPECT_NEAR(slip.bias(), 0.05, 1e-9);
}

TEST_F(Slip, a_missing_or_stale_gyroscope_is_told_only_where_it_is_required) {
  gyro_lives = false;
  EXPECT_EQ(run(10), 0u);
  settings.gyro_required = true;
  EXPECT_EQ(run(10), kGyroSilent);
  gyro_lives = true;
  EXPECT_EQ(run(10), 0u);
  gyro_lives = false;
  EXPECT_EQ(run(195), 0u);
  EXPECT_EQ(run(10), kGyroSilent);
  gyro_lives = true;
  watch.gyro.yaw_rate = std::nan("");
  EXPECT_EQ(run(1), kGyroSilent);
}

TEST_F(Slip, a_blocked_wheel_is_told_after_its_time_and_only_with_torque) {
  watch.left_speed = 4.0;
  EXPECT_EQ(run(499), 0u);
  EXPECT_EQ(run(3), kWheelsDoNotFollow);
  watch.torque = false;
  EXPECT_EQ(run(1000), 0u);
  watch.torque = true;
  watch.measured.left_speed = 1.5;
  EXPECT_EQ(run(1000), 0u);
}

}  // namespace
}  // namespace care_control

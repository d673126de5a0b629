// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <utility>

#include "care_control/lift.hpp"

namespace care_control {
namespace {

Settings with_lift() {
  Settings settings;
  settings.lift.present = true;
  return settings;
}

TEST(Lift, a_robot_without_one_keeps_its_limits) {
  const Settings settings;
  const Bounds bounds = bounds_of(settings, {1.0, true});
  EXPECT_EQ(bounds.speed.linear, settings.speed.linear);
  EXPECT_EQ(bounds.forward.jerk, settings.linear.jerk);
  EXPECT_EQ(bounds.estop.linear, settings.estop_linear);
  EXPECT_FALSE(bounds.by_lift);
}

TEST(Lift, raised_it_lowers_speed_acceleration_and_jerk) {
  Settings settings = with_lift();
  settings.lift.tip_share = 0.2;
  const Bounds down = bounds_of(settings, {0.0, false});
  const Bounds half = bounds_of(settings, {0.5, false});
  const Bounds up = bounds_of(settings, {1.0, false});
  EXPECT_EQ(down.speed.linear, settings.speed.linear);
  EXPECT_FALSE(down.by_lift);
  EXPECT_EQ(up.speed.linear, settings.lift.raised_speed);
  EXPECT_LE(up.speed.reverse, settings.lift.raised_speed);
  EXPECT_TRUE(up.by_lift);
  for (const auto & [more, less] : {std::pair(down, half), std::pair(half, up)}) {
    EXPECT_GT(more.speed.linear, less.speed.linear);
    EXPECT_GT(more.forward.down, less.forward.down);
    EXPECT_GT(more.forward.jerk, less.forward.jerk);
    EXPECT_GT(more.reverse.jerk, less.reverse.jerk);
    EXPECT_GE(more.speed.lateral, less.speed.lateral);
  }
}

TEST(Lift, no_acceleration_reaches_its_share_of_what_tips_the_robot) {
  Settings settings = with_lift();
  settings.linear = settings.linear_reverse = {9.0, 9.0, 30.0};
  settings.speed.lateral = settings.protective_linear = settings.estop_linear = 9.0;
  for (double raised = 0.0; raised <= 1.0; raised += 0.125) {
    const double tip = tipping_acceleration(settings.lift, raised);
    const Bounds bounds = bounds_of(settings, {raised, false});
    for (const double a : {bounds.forward.up, bounds.forward.down, bounds.reverse.up,
                           bounds.reverse.down, bounds.speed.lateral}) {
      EXPECT_NEAR(a, settings.lift.tip_share * tip, 1e-9);
    }
    EXPECT_NEAR(bounds.protective.linear, settings.lift.tip_share_stop * tip, 1e-9);
    EXPECT_NEAR(bounds.estop.linear, settings.lift.tip_share_stop * tip, 1e-9);
  }
  EXPECT_NEAR(tipping_acceleration(settings.lift, 0.0), 9.81 * 0.2 / 0.3, 1e-9);
}

TEST(Lift, while_it_moves_the_base_is_slow_in_every_direction) {
  const Settings settings = with_lift();
  const Bounds bounds = bounds_of(settings, {0.0, true});
  EXPECT_EQ(bounds.speed.linear, settings.lift.moving_speed);
  EXPECT_EQ(bounds.speed.reverse, settings.lift.moving_speed);
  EXPECT_NEAR(bounds.speed.angular * settings.speed.half_track, settings.lift.moving_speed, 1e-12);
}

TEST(Lift, a_height_beyond_its_limits_counts_as_the_limit) {
  const Settings settings = with_lift();
  EXPECT_EQ(bounds_of(settings, {1.7, false}).speed.linear, settings.lift.raised_speed);
  EXPECT_EQ(bounds_of(settings, {-0.3, false}).speed.linear, settings.speed.linear);
}

}  // namespace
}  // namespace care_control

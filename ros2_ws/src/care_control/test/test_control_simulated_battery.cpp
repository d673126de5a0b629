// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "care_control/simulated_battery.hpp"

namespace care_control {
namespace {

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

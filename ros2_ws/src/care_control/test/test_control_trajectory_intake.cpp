// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "care_control/trajectory_intake.hpp"

namespace care_control {
namespace {

RawTrajectory to(std::vector<std::string> joints, std::vector<double> positions,
                 double time = 0.0) {
  return {std::move(joints), {{time, std::move(positions)}}};
}

class Intake : public ::testing::Test {
 protected:
  TrajectoryIntake intake{{"lift", "pan", "tilt"}};
};

TEST_F(Intake, positions_go_to_the_joints_that_are_named) {
  EXPECT_EQ(intake.take(to({"tilt", "lift"}, {0.5, 0.2}), 7), "");
  const JointTrajectory & made = intake.newest();
  EXPECT_EQ(made.joints, 0b101u);
  EXPECT_EQ(made.points, 1u);
  EXPECT_EQ(made.point[0].position[0], 0.2);
  EXPECT_EQ(made.point[0].position[2], 0.5);
  EXPECT_EQ(made.received_ns, 7);
}

TEST_F(Intake, each_accepted_one_has_a_new_count) {
  intake.take(to({"pan"}, {0.1}), 1);
  intake.take(to({"pan"}, {0.2}), 2);
  EXPECT_EQ(intake.newest().count, 2u);
}

TEST_F(Intake, what_makes_no_sense_is_refused_and_changes_nothing) {
  EXPECT_NE(intake.take(to({"wing"}, {0.1}), 1).find("wing"), std::string::npos);
  EXPECT_NE(intake.take(to({"pan", "pan"}, {0.1, 0.1}), 1), "");
  EXPECT_NE(intake.take(to({"pan"}, {std::nan("")}), 1), "");
  EXPECT_NE(intake.take(to({"pan"}, {0.1, 0.2}), 1), "");
  EXPECT_NE(intake.take(to({"pan"}, {0.1}, -1.0), 1), "");
  EXPECT_NE(intake.take(to({"pan"}, {0.1}, HUGE_VAL), 1), "");
  EXPECT_NE(intake.take({{"pan"}, {{2.0, {0.1}}, {1.0, {0.2}}}}, 1), "");
  EXPECT_NE(intake.take({{"pan"}, {}}, 1), "");
  EXPECT_NE(
      intake.take({{"pan"}, std::vector<RawTrajectory::Point>(kMaxPoints + 1, {0, {0.1}})}, 1), "");
  EXPECT_EQ(intake.refused(), 9u);
  EXPECT_EQ(intake.newest().count, 0u);
}

}  // namespace
}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "care_control/reasons.hpp"

namespace care_control {
namespace {

std::vector<std::string> words(const Outputs & outputs, std::uint32_t causes) {
  const Names names{{"lift_joint", "head_pan_joint"}, {"rear_left"}};
  return reasons_of(outputs, causes, Peers({}), StopSources{}, Settings{}, names);
}

TEST(Reasons, name_the_person_the_silent_node_and_the_most_important_first) {
  Peers peers({"/ward/tablet", "/robot_1/tasks"});
  peers.beat("/ward/tablet", "a", 1, 100);
  StopSources stops;
  stops.take("tablet", true, "nurse_1", "patient in the way");
  Outputs outputs;
  outputs.silent_peers = 0b11;
  const auto reasons =
      reasons_of(outputs, kStopHeld | kStopLatched | kPeerSilent | kEstopEngaged | kEstopLatched,
                 peers, stops, Settings{});
  ASSERT_EQ(reasons.size(), 4u);
  EXPECT_EQ(reasons[0], "Emergency stop is pressed");
  EXPECT_EQ(reasons[1], "Stopped by nurse_1 at tablet: patient in the way (held by tablet)");
  EXPECT_EQ(reasons[2], "No sign of life of /ward/tablet");
  EXPECT_EQ(reasons[3], "Not heard yet: /robot_1/tasks");
}

TEST(Reasons, no_cause_is_without_words) {
  for (unsigned bit = 0; bit <= 28; ++bit) {
    if (1U << bit != kPeerSilent) {  // its words come with the names
      EXPECT_EQ(words({}, 1U << bit).size(), 1u) << bit;
    }
  }
}

TEST(Reasons, name_the_actuators_and_joints_concerned) {
  Outputs outputs;
  outputs.hardware_faults = kActuatorGone;
  outputs.faulty_actuators = 0b110;
  const std::string hardware = words(outputs, kHardwareFault | kFaultLatched).front();
  EXPECT_NE(hardware.find("the right wheel"), std::string::npos) << hardware;
  EXPECT_NE(hardware.find("lift_joint"), std::string::npos) << hardware;
  outputs.joints.faulty = 0b10;
  EXPECT_EQ(words(outputs, kJointDoesNotFollow | kFaultLatched).front(),
            "Fault: does not follow its command: head_pan_joint");
}

TEST(Reasons, name_the_blind_sensor_and_the_direction_of_an_obstacle) {
  Outputs outputs;
  outputs.separation.stale = 0b11;
  EXPECT_EQ(words(outputs, kSurroundingsUnseen).front(), "Blind: no fresh laser scan, rear_left");
  outputs.separation.reverse = outputs.separation.turning = 1.0;
  EXPECT_EQ(words(outputs, kObstacle).front(), "Something is too near ahead");
}

TEST(Reasons, name_what_makes_the_robot_slower) {
  std::vector<std::string> all;
  for (std::uint8_t i = 1; i < kLimiters; ++i) {
    Outputs outputs;
    outputs.limiter = static_cast<Limiter>(i);
    const std::string text = words(outputs, kSpeedReduced).front();
    EXPECT_EQ(text.rfind("Slower than asked for", 0), 0u) << text;
    for (const auto & other : all) {
      EXPECT_NE(text, other);
    }
    all.push_back(text);
    EXPECT_NE(std::string(name_of(outputs.limiter)), "");
  }
}

}  // namespace
}  // namespace care_control

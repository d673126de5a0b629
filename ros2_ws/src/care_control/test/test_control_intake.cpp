// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <string>

#include "care_control/command_intake.hpp"
#include "care_control/peers.hpp"
#include "care_control/reasons.hpp"
#include "care_control/stop_sources.hpp"

namespace care_control {
namespace {

constexpr std::int64_t kNow = 1'000'000'000'000;
constexpr std::int64_t kMs = 1'000'000;

RawCommand forward(std::int64_t stamp_ns) {
  RawCommand raw;
  raw.linear[0] = 0.4;
  raw.angular[2] = -0.2;
  raw.frame = "base_link";
  raw.stamp_ns = stamp_ns;
  return raw;
}

class Intake : public ::testing::Test {
 protected:
  Refusal take(const RawCommand & raw, std::int64_t ros_now = kNow) {
    return intake.take(raw, ros_now, 77);
  }
  CommandIntake intake{{"base_link", "base_footprint"}, 0.25};
};

TEST_F(Intake, accepts_a_fresh_command_and_keeps_when_it_came) {
  EXPECT_EQ(take(forward(kNow - 10 * kMs)), Refusal::kNone);
  EXPECT_EQ(intake.newest().velocity.linear, 0.4);
  EXPECT_EQ(intake.newest().velocity.angular, -0.2);
  EXPECT_EQ(intake.newest().received_ns, 77);
  EXPECT_EQ(intake.accepted(), 1u);
}

TEST_F(Intake, where_clocks_differ_a_stamp_tells_only_the_order) {
  CommandIntake far({"base_link"}, 0.25, Stamps::kOrder);
  constexpr std::int64_t kHour = 3'600'000 * kMs;
  EXPECT_EQ(far.take(forward(kNow + kHour), kNow, 10 * kMs), Refusal::kNone);
  EXPECT_EQ(far.take(forward(kNow + kHour), kNow, 20 * kMs), Refusal::kReplayed);
  EXPECT_EQ(far.take(forward(kNow + kHour - 1), kNow, 30 * kMs), Refusal::kReplayed);
  EXPECT_EQ(far.take(forward(kNow + kHour + 1), kNow, 40 * kMs), Refusal::kNone);
  EXPECT_EQ(far.take(forward(kNow), kNow, 1000 * kMs), Refusal::kReplayed);
  EXPECT_EQ(far.take(forward(kNow), kNow, 1041 * kMs), Refusal::kNone);  // a sender that restarted
}

TEST_F(Intake, refuses_any_component_that_is_not_finite) {
  for (int i = 0; i < 6; ++i) {
    for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
      RawCommand raw = forward(kNow);
      (i < 3 ? raw.linear : raw.angular)[static_cast<std::size_t>(i % 3)] = bad;
      EXPECT_EQ(take(raw), Refusal::kNotFinite);
    }
  }
  EXPECT_EQ(intake.newest().received_ns, kNever);
  EXPECT_EQ(intake.refused(Refusal::kNotFinite), 18u);
}

TEST_F(Intake, refuses_what_two_wheels_cannot_do) {
  RawCommand raw = forward(kNow);
  raw.linear[1] = 0.1;
  EXPECT_EQ(take(raw), Refusal::kSideways);
}

TEST_F(Intake, refuses_a_foreign_frame_but_not_an_empty_one) {
  RawCommand raw = forward(kNow);
  raw.frame = "map";
  EXPECT_EQ(take(raw), Refusal::kFrame);
  raw.frame = "";
  EXPECT_EQ(take(raw), Refusal::kNone);
}

TEST_F(Intake, refuses_a_stamp_older_than_a_quarter_of_a_second_and_none_at_all) {
  EXPECT_EQ(take(forward(kNow - 251 * kMs)), Refusal::kExpired);
  EXPECT_EQ(take(forward(0)), Refusal::kExpired);
  EXPECT_EQ(take(forward(kNow - 249 * kMs)), Refusal::kNone);
}

TEST_F(Intake, refuses_a_stamp_from_the_future) {
  EXPECT_EQ(take(forward(kNow + 101 * kMs)), Refusal::kFuture);
  EXPECT_EQ(take(forward(kNow + 99 * kMs)), Refusal::kNone);
}

TEST_F(Intake, refuses_a_replayed_or_reordered_command) {
  EXPECT_EQ(take(forward(kNow)), Refusal::kNone);
  EXPECT_EQ(take(forward(kNow)), Refusal::kReplayed);
  EXPECT_EQ(take(forward(kNow - 1)), Refusal::kReplayed);
  EXPECT_EQ(take(forward(kNow + 1)), Refusal::kNone);
}

TEST_F(Intake, goes_on_after_ros_time_was_set_back) {
  EXPECT_EQ(take(forward(kNow)), Refusal::kNone);
  EXPECT_EQ(take(forward(1000 * kMs), 1000 * kMs), Refusal::kNone);
}

TEST(Peers, judges_life_by_the_counter_not_by_the_message) {
  Peers peers({"/ward/tablet", "/robot_1/tasks"});
  EXPECT_EQ(peers.moved_ns(0), kNever);
  peers.beat("/ward/tablet", "a", 1, 100);
  peers.beat("/ward/tablet", "a", 1, 200);
  EXPECT_EQ(peers.moved_ns(0), 100);
  peers.beat("/ward/tablet", "a", 2, 300);
  EXPECT_EQ(peers.moved_ns(0), 300);
  peers.beat("/ward/tablet", "b", 2, 400);
  EXPECT_EQ(peers.moved_ns(0), 400);
  peers.beat("/ward/other", "a", 9, 500);
  EXPECT_EQ(peers.moved_ns(1), kNever);
}

TEST(Peers, refuses_more_names_than_it_can_watch) {
  EXPECT_THROW(Peers(std::vector<std::string>(kMaxPeers + 1, "x")), std::invalid_argument);
}

TEST(StopSources, each_source_releases_only_its_own_stop) {
  StopSources stops;
  stops.take("tablet", true, "nurse_1", "patient in the way");
  stops.take("stop_button", true, "", "");
  stops.take("tablet", false, "nurse_1", "");
  EXPECT_EQ(stops.holding(), std::vector<std::string>{"stop_button"});
  EXPECT_EQ(stops.count(), 2u);
  stops.take("somebody", false, "", "");
  EXPECT_EQ(stops.holding().size(), 1u);
}

TEST(StopSources, a_flood_of_names_keeps_the_stop_and_the_memory) {
  StopSources stops;
  for (int i = 0; i < 1000; ++i) {
    stops.take("source " + std::to_string(i), true, "", "");
  }
  EXPECT_EQ(stops.count(), 1000u);
  EXPECT_EQ(stops.holding().size(), 65u);
}

}  // namespace
}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
// Persons who come into the way of the robot, by the thousand: core and plant together.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <set>

#include "care_control/plant/tally.hpp"

namespace care_control {
namespace {

constexpr double kFastest = 0.8;  // [m/s]

std::uint64_t count() {
  return std::getenv("NIGHTINGALE_LONG") != nullptr ? 10000 : 500;
}

TEST(Scenarios, beyond_the_separation_distance_nobody_is_touched_before_rest) {
  Tally tally;
  tally.play_all(Entry::kBeyond, 1, count());
  EXPECT_EQ(tally.touched(), 0u) << "run into " << tally.run_into() << ", fastest in scenario "
                                 << tally.fastest_touch_number();
  EXPECT_EQ(tally.rested(), tally.played());
  EXPECT_GT(tally.smallest_gap(), 0.0);
  EXPECT_GT(tally.moving(), tally.played() * 9 / 10);
  std::printf("%llu scenarios, smallest gap %.3f m in scenario %llu\n",
              static_cast<unsigned long long>(tally.played()), tally.smallest_gap(),
              static_cast<unsigned long long>(tally.smallest_gap_number()));
}

TEST(Scenarios, within_it_the_base_is_at_rest_or_slower_when_it_touches) {
  Tally tally;
  tally.play_all(Entry::kWithin, 1, count());
  EXPECT_EQ(tally.rested() + tally.touched(), tally.played());
  EXPECT_GT(tally.rested(), tally.played() / 2);
  EXPECT_LE(tally.touch_speed(1.0), kFastest + 0.01);
  EXPECT_LT(tally.touch_speed(0.5), kFastest / 3);
  std::printf("%llu at rest, %llu run into at p50 %.2f, p90 %.2f, max %.2f m/s\n",
              static_cast<unsigned long long>(tally.rested()),
              static_cast<unsigned long long>(tally.run_into()), tally.touch_speed(0.5),
              tally.touch_speed(0.9), tally.touch_speed(1.0));
}

TEST(Scenarios, from_beside_the_path_touches_are_told_apart) {
  Tally tally;
  tally.play_all(Entry::kBeside, 1, count());
  EXPECT_LE(tally.run_into(), tally.touched());
  EXPECT_LE(tally.touch_speed(1.0), kFastest + 0.01);
  std::printf("%llu walked into the base, %llu were run into at p50 %.2f, max %.2f m/s\n",
              static_cast<unsigned long long>(tally.touched() - tally.run_into()),
              static_cast<unsigned long long>(tally.run_into()), tally.touch_speed(0.5),
              tally.touch_speed(1.0));
}

TEST(Scenarios, a_person_who_cuts_the_corner_of_an_arc_is_not_touched) {
  for (const std::uint64_t number : {2063U, 6962U, 8385U}) {
    const Scenario scenario = drawn(number, Entry::kBeyond);
    ASSERT_EQ(scenario.manner, Manner::kArc);
    EXPECT_FALSE(play(scenario).touched) << number;
  }
}

TEST(Scenarios, without_eyes_the_same_persons_are_run_into) {
  Tally tally;
  for (std::uint64_t number = 1; number <= 50; ++number) {
    Scenario scenario = drawn(number, Entry::kBeyond);
    scenario.blind = true;
    tally.add(scenario, play(scenario), number);
  }
  EXPECT_GT(tally.run_into(), 25u);
  EXPECT_GT(tally.touch_speed(1.0), 0.5);
}

TEST(Scenarios, a_person_enters_at_the_distance_that_is_asked_for) {
  for (std::uint64_t number = 1; number <= 100; ++number) {
    const Scenario scenario = drawn(number, Entry::kBeyond);
    const Outcome outcome = play(scenario);
    ASSERT_NEAR(outcome.entry_gap, outcome.separation * scenario.share, 1e-3) << number;
    ASSERT_GE(scenario.share, 1.0);
  }
}

TEST(Scenarios, the_separation_distance_is_the_one_that_the_core_keeps) {
  const Settings settings = scenario_settings();
  for (double speed = 0.1; speed <= kFastest; speed += 0.1) {
    const double distance = separation_distance(speed, settings);
    EXPECT_NEAR(separation_speed(distance, settings.separation.person_speed,
                                 settings.protective_linear, settings.separation),
                speed, 1e-9);
  }
}

TEST(Scenarios, differ_by_their_number) {
  std::set<double> speeds;
  std::set<Manner> manners;
  for (std::uint64_t number = 0; number < 100; ++number) {
    const Scenario scenario = drawn(number, Entry::kBeside);
    speeds.insert(scenario.drive.linear + scenario.drive.angular);
    manners.insert(scenario.manner);
    ASSERT_LE(std::abs(scenario.drive.linear), kFastest);
    ASSERT_LE(scenario.person_speed, 1.6);
  }
  EXPECT_GT(speeds.size(), 95u);
  EXPECT_EQ(manners.size(), kManners);
}

TEST(Scenarios, the_same_number_gives_the_same_bytes) {
  for (std::uint64_t number = 1; number <= 20; ++number) {
    const auto entry = static_cast<Entry>(number % kEntries);
    Outcome outcomes[2];
    for (Outcome & outcome : outcomes) {
      std::memset(static_cast<void *>(&outcome), 0, sizeof(Outcome));
      const Outcome played = play(drawn(number, entry));
      outcome.entry_gap = played.entry_gap;
      outcome.smallest_gap = played.smallest_gap;
      outcome.touch_speed = played.touch_speed;
      outcome.rest_s = played.rest_s;
      outcome.touched = played.touched;
    }
    ASSERT_EQ(std::memcmp(&outcomes[0], &outcomes[1], sizeof(Outcome)), 0) << number;
  }
}

}  // namespace
}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "care_control/separation.hpp"

namespace care_control {
namespace {

constexpr std::int64_t kMs = 1'000'000;
constexpr double kDt = 0.001;
constexpr double kPi = 3.141592653589793;
const Braking kBraking{2.0, 4.0};

/// A base with a fresh, empty scan.
class Around : public ::testing::Test {
 protected:
  Around() {
    settings.scan_required = true;
    seen.scan.distance.fill(INFINITY);
    seen.scan.valid = true;
  }

  /// A post in the scan at a place in base_footprint [m].
  void post(double x, double y) {
    const double bearing = std::fmod(std::atan2(y, x) + 2 * kPi, 2 * kPi);
    const auto sector = static_cast<std::size_t>(bearing / (2 * kPi) * kSectors) % kSectors;
    seen.scan.distance[sector] = static_cast<float>(std::hypot(x, y));
  }

  const SeparationReport & look(const Velocity & moving = {}, const Velocity & wanted = {},
                                int cycles = 1) {
    for (int i = 0; i < cycles; ++i) {
      now_ns += kMs;
      if (scan_lives) {
        seen.scan.received_ns = now_ns;
      }
      report = separation.update(seen, now_ns, kDt, moving, wanted, settings, kBraking);
    }
    return report;
  }

  bool scan_lives = true;
  std::int64_t now_ns = 1000 * kMs;
  Separation separation;
  SeparationSettings settings;
  Surroundings seen;
  SeparationReport report;
};

TEST(SeparationSpeed, is_the_largest_whose_stopping_way_and_a_walking_person_fit_the_gap) {
  const SeparationSettings settings;
  const double reaction = settings.sensor_timeout + settings.latency;
  for (double gap = 0.0; gap < 5.0; gap += 0.01) {
    const double v = separation_speed(gap, 1.6, 2.0, settings);
    const double needed = v * v / 4.0 + v * (reaction + 0.8) + 1.6 * reaction + settings.margin;
    if (v > 0.0) {
      ASSERT_NEAR(needed, gap, 1e-9);
    } else {
      ASSERT_GE(needed, gap - 1e-9);
    }
  }
}

TEST_F(Around, nothing_in_reach_limits_nothing) {
  EXPECT_GT(look().forward, 10.0);
  EXPECT_GT(report.reverse, 10.0);
  EXPECT_GT(report.turning, 10.0);
  EXPECT_EQ(report.stale, 0u);
  EXPECT_FALSE(look({0.6, 0.0}, {0.6, 0.0}).stopped);
}

TEST_F(Around, an_obstacle_counts_only_for_the_direction_of_travel_towards_it) {
  post(1.0, 0.0);
  EXPECT_NEAR(look().front_gap, 0.7, 0.01);
  EXPECT_LT(report.forward, 0.3);
  EXPECT_GT(report.reverse, 10.0);
  seen.scan.distance.fill(INFINITY);
  post(-1.0, 0.0);
  look({}, {}, 10);
  EXPECT_NEAR(report.rear_gap, 0.7, 0.01);
  EXPECT_GT(report.forward, 10.0);
  EXPECT_LT(report.reverse, 0.3);
}

TEST_F(Around, what_stands_in_the_stop_zone_stops_only_motion_towards_it) {
  post(0.7, 0.0);
  EXPECT_FALSE(look().stopped);
  EXPECT_FALSE(look({}, {-0.2, 0.0}).stopped);
  EXPECT_TRUE(look({}, {0.2, 0.0}).stopped);
  EXPECT_EQ(report.forward, 0.0);
}

TEST_F(Around, a_wall_along_the_path_does_not_stop) {
  for (double x = -3.0; x < 3.0; x += 0.01) {
    post(x, 0.55);
    post(x, -0.55);
  }
  EXPECT_GT(look({0.5, 0.0}, {0.5, 0.0}).forward, 1.0);
  EXPECT_FALSE(report.stopped);
}

TEST_F(Around, the_path_bends_with_the_command) {
  // On the circle of radius 1 m to the left, a quarter turn ahead; far beside the straight path.
  post(1.0, 1.0);
  EXPECT_GT(look({0.3, 0.0}, {0.3, 0.0}).front_gap, 100.0);
  look({0.3, 0.3}, {0.3, 0.3});
  EXPECT_NEAR(report.front_gap, kPi / 2 - settings.half_length, 0.1);
  Separation other;
  separation = other;
  EXPECT_GT(look({0.3, -0.3}, {0.3, -0.3}).front_gap, 100.0);
  EXPECT_LT(look({0.3, -0.3}, {0.3, 0.3}).front_gap, 2.0);  // what is wanted counts too
}

TEST_F(Around, turning_on_the_spot_needs_its_circle_free) {
  post(0.0, 0.45);
  const double circle = std::hypot(settings.half_length, settings.half_width);
  EXPECT_NEAR(look({}, {0.0, 0.5}).around_gap, 0.45 - circle, 1e-6);
  EXPECT_GT(report.turning, 0.1);
  EXPECT_LT(report.turning, 1.0);
  seen.scan.distance.fill(INFINITY);
  post(0.0, 0.35);
  EXPECT_TRUE(look({}, {0.0, 0.5}).stopped);
  EXPECT_EQ(report.turning, 0.0);
}

TEST_F(Around, a_stale_missing_or_malformed_scan_counts_as_distance_zero) {
  look();
  scan_lives = false;
  EXPECT_EQ(look({}, {}, 250).stale, 0u);
  EXPECT_EQ(look({}, {0.1, 0.0}, 2).stale, 1u);
  EXPECT_EQ(report.forward + report.reverse + report.turning, 0.0);
  EXPECT_TRUE(report.stopped);
  scan_lives = true;
  seen.scan.valid = false;
  EXPECT_EQ(look().stale, 1u);
  seen.scan = Scan{};
  scan_lives = false;
  EXPECT_EQ(look().stale, 1u);
  EXPECT_EQ(report.forward, 0.0);
}

TEST_F(Around, a_scan_that_is_not_required_may_be_missing_but_not_fall_silent) {
  settings.scan_required = false;
  seen.scan = Scan{};
  scan_lives = false;
  EXPECT_GT(look().forward, 10.0);
  seen.scan.distance.fill(INFINITY);
  seen.scan.valid = true;
  seen.scan.received_ns = now_ns;
  EXPECT_EQ(look({}, {}, 300).forward, 0.0);
}

TEST_F(Around, a_ray_that_is_not_a_number_or_too_close_counts_as_distance_zero) {
  for (const float bad : {NAN, -INFINITY, -1.0F, 0.0F}) {
    seen.scan.distance.fill(INFINITY);
    look({}, {}, 2);
    seen.scan.distance[0] = bad;
    EXPECT_EQ(look().forward, 0.0) << bad;
    EXPECT_GT(report.reverse, 10.0) << bad;
  }
}

TEST_F(Around, a_range_counts_in_its_cone_and_stale_as_distance_zero) {
  seen.range_count = 1;
  seen.ranges[0] = {kPi, 0.25, 0.9, now_ns + kMs};
  EXPECT_NEAR(look().rear_gap, 0.9 * std::cos(0.25) - settings.half_length, 1e-6);
  EXPECT_GT(report.forward, 10.0);
  look({}, {}, 260);
  EXPECT_EQ(report.stale, 2u);
  EXPECT_EQ(report.reverse, 0.0);
  EXPECT_GT(report.forward, 10.0);
  EXPECT_EQ(report.turning, 0.0);
}

TEST_F(Around, a_range_never_heard_or_not_a_number_counts_as_distance_zero) {
  seen.range_count = 2;
  seen.ranges[0] = {kPi, 0.25, INFINITY, now_ns + 100 * kMs};
  seen.ranges[1] = {0.0, 0.25, INFINITY, kNever};
  EXPECT_EQ(look().stale, 4u);
  EXPECT_EQ(report.forward, 0.0);
  EXPECT_GT(report.reverse, 10.0);
  seen.ranges[1] = {0.0, 0.25, NAN, now_ns + 100 * kMs};
  EXPECT_EQ(look().stale, 0u);
  EXPECT_EQ(report.forward, 0.0);
}

TEST_F(Around, a_gap_must_open_by_the_hysteresis_before_speed_rises) {
  post(1.5, 0.0);
  const double before = look().forward;
  seen.scan.distance.fill(INFINITY);
  post(1.59, 0.0);
  EXPECT_EQ(look().forward, before);
  seen.scan.distance.fill(INFINITY);
  post(1.7, 0.0);
  EXPECT_GT(look().forward, before);
  seen.scan.distance.fill(INFINITY);
  post(1.5, 0.0);
  EXPECT_EQ(look().forward, before);
}

TEST_F(Around, motion_faster_than_the_gap_allows_is_a_stop_and_slower_is_not) {
  post(1.3, 0.0);
  const double cap = look().forward;
  ASSERT_GT(cap, 0.1);
  EXPECT_FALSE(look({cap, 0.0}, {0.6, 0.0}).stopped);
  EXPECT_TRUE(look({cap + 0.06, 0.0}, {0.6, 0.0}).stopped);
}

TEST_F(Around, a_stop_ends_when_the_way_was_free_for_a_while_or_nothing_is_wanted) {
  post(0.7, 0.0);
  ASSERT_TRUE(look({}, {0.3, 0.0}).stopped);
  seen.scan.distance.fill(INFINITY);
  EXPECT_TRUE(look({}, {0.3, 0.0}, 990).stopped);
  EXPECT_FALSE(look({}, {0.3, 0.0}, 20).stopped);
  post(0.7, 0.0);
  ASSERT_TRUE(look({}, {0.3, 0.0}).stopped);
  EXPECT_TRUE(look({0.1, 0.0}, {}).stopped);
  seen.scan.distance.fill(INFINITY);
  EXPECT_TRUE(look({0.1, 0.0}, {}).stopped);  // not before it is at rest
  EXPECT_FALSE(look({}, {}).stopped);
}

TEST_F(Around, creeping_is_allowed_closer_but_never_to_contact) {
  settings.creep_speed = 0.05;
  post(0.65, 0.0);
  EXPECT_EQ(look().forward, 0.05);
  seen.scan.distance.fill(INFINITY);
  post(settings.half_length + settings.margin, 0.0);
  EXPECT_EQ(look().forward, 0.0);
}

TEST_F(Around, own_motion_since_the_last_scan_is_counted) {
  post(2.0, 0.0);
  look();
  scan_lives = false;
  EXPECT_NEAR(look({0.5, 0.0}, {0.5, 0.0}, 200).front_gap, 2.0 - 0.3 - 0.1, 0.02);
}

}  // namespace
}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "care_control/surroundings_intake.hpp"

namespace care_control {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr std::int64_t kMs = 1'000'000;
constexpr float kFar = std::numeric_limits<float>::infinity();
const float kNone = std::nanf("");

/// Rays over a half circle ahead, all at one distance.
struct Sweep {
  explicit Sweep(float distance) : ranges(181, distance) {}
  RawScan raw() const { return {-kPi / 2, kPi / 180, 0.05, 10.0, ranges.data(), ranges.size()}; }
  std::vector<float> ranges;  ///< ray 90 looks straight ahead
};

class Intake : public ::testing::Test {
 protected:
  static Timing at(std::int64_t age_ns = 0) {
    return {1'000'000 * kMs - age_ns, 1'000'000 * kMs, 5'000 * kMs};
  }
  float ahead() const { return intake.surroundings().scan.distance[0]; }

  SurroundingsIntake intake{{0.25, 0.0, 0.0}, 0.8, {{-0.28, 0.0, kPi}, {-0.2, 0.2, 2.5}}, 0.25};
};

TEST_F(Intake, a_sweep_becomes_distances_from_the_base) {
  Sweep sweep(kFar);
  sweep.ranges[92] = 2.0F;
  ASSERT_EQ(intake.take_scan(sweep.raw(), at()), SensorRefusal::kNone);
  EXPECT_NEAR(ahead(), 2.25, 0.01);  // the laser sits 0.25 m ahead
  EXPECT_TRUE(std::isinf(intake.surroundings().scan.distance[kSectors / 4]));
  EXPECT_TRUE(intake.surroundings().scan.valid);
}

TEST_F(Intake, the_nearest_ray_of_a_sector_counts) {
  Sweep sweep(3.0F);
  sweep.ranges[93] = 0.5F;
  ASSERT_EQ(intake.take_scan(sweep.raw(), at()), SensorRefusal::kNone);
  EXPECT_NEAR(ahead(), 0.75, 0.01);
}

TEST_F(Intake, a_turned_laser_sees_to_its_side) {
  SurroundingsIntake left({0.0, 0.0, kPi / 2}, 0.8, {}, 0.25);
  Sweep sweep(kFar);
  sweep.ranges[92] = 1.0F;
  ASSERT_EQ(left.take_scan(sweep.raw(), at()), SensorRefusal::kNone);
  EXPECT_NEAR(left.surroundings().scan.distance[kSectors / 4], 1.0, 0.01);
  EXPECT_TRUE(std::isinf(left.surroundings().scan.distance[0]));
}

TEST_F(Intake, what_touches_the_laser_is_no_free_way) {
  Sweep sweep(kFar);
  sweep.ranges[92] = -kFar;
  ASSERT_EQ(intake.take_scan(sweep.raw(), at()), SensorRefusal::kNone);
  EXPECT_NEAR(ahead(), 0.25, 0.01);
}

TEST_F(Intake, a_blind_part_of_the_view_counts_as_contact) {
  Sweep sweep(kFar);
  for (std::size_t ray = 88; ray <= 97; ++ray) {
    sweep.ranges[ray] = kNone;
  }
  ASSERT_EQ(intake.take_scan(sweep.raw(), at()), SensorRefusal::kNone);
  EXPECT_EQ(ahead(), 0.0F);
}

TEST_F(Intake, a_sweep_with_too_few_usable_rays_is_refused_and_the_old_one_grows_old) {
  ASSERT_EQ(intake.take_scan(Sweep(3.0F).raw(), at()), SensorRefusal::kNone);
  const std::int64_t before = intake.surroundings().scan.received_ns;
  Timing later = at();
  later.steady_ns += 100 * kMs;
  EXPECT_EQ(intake.take_scan(Sweep(kNone).raw(), later), SensorRefusal::kMalformed);
  EXPECT_EQ(intake.take_scan(Sweep(0.01F).raw(), later), SensorRefusal::kMalformed);
  EXPECT_EQ(intake.surroundings().scan.received_ns, before);
  EXPECT_EQ(intake.refused(SensorRefusal::kMalformed), 2u);
}

TEST_F(Intake, a_malformed_sweep_is_refused) {
  const Sweep sweep(3.0F);
  RawScan raw = sweep.raw();
  raw.angle_increment = 0.0;
  EXPECT_EQ(intake.take_scan(raw, at()), SensorRefusal::kMalformed);
  raw.angle_increment = std::nan("");
  EXPECT_EQ(intake.take_scan(raw, at()), SensorRefusal::kMalformed);
  raw = sweep.raw();
  raw.angle_min = HUGE_VAL;
  EXPECT_EQ(intake.take_scan(raw, at()), SensorRefusal::kMalformed);
  raw = sweep.raw();
  raw.range_max = raw.range_min;
  EXPECT_EQ(intake.take_scan(raw, at()), SensorRefusal::kMalformed);
  raw = sweep.raw();
  raw.count = 0;
  EXPECT_EQ(intake.take_scan(raw, at()), SensorRefusal::kMalformed);
  EXPECT_FALSE(intake.surroundings().scan.valid);
}

TEST_F(Intake, age_counts_by_the_stamp_and_old_or_future_ones_are_refused) {
  ASSERT_EQ(intake.take_scan(Sweep(3.0F).raw(), at(80 * kMs)), SensorRefusal::kNone);
  EXPECT_EQ(intake.surroundings().scan.received_ns, at().steady_ns - 80 * kMs);
  EXPECT_EQ(intake.take_scan(Sweep(3.0F).raw(), at(251 * kMs)), SensorRefusal::kExpired);
  EXPECT_EQ(intake.take_scan(Sweep(3.0F).raw(), at(-101 * kMs)), SensorRefusal::kFuture);
  EXPECT_EQ(intake.take_range(0, {0.7, 0.02, 4.0, 1.0}, at(251 * kMs)), SensorRefusal::kExpired);
  EXPECT_EQ(intake.take_gyro(0.1, true, at(-101 * kMs)), SensorRefusal::kFuture);
}

TEST_F(Intake, a_range_is_measured_from_the_base) {
  ASSERT_EQ(intake.take_range(0, {0.7, 0.02, 4.0, 1.0}, at()), SensorRefusal::kNone);
  const Range & rear = intake.surroundings().ranges[0];
  EXPECT_NEAR(rear.distance, 1.28, 1e-9);
  EXPECT_NEAR(std::abs(rear.bearing), kPi, 1e-9);
  EXPECT_NEAR(rear.half_angle, 0.35, 1e-9);
  ASSERT_EQ(intake.take_range(0, {0.7, 0.02, 4.0, HUGE_VAL}, at()), SensorRefusal::kNone);
  EXPECT_TRUE(std::isinf(rear.distance));
  ASSERT_EQ(intake.take_range(0, {0.7, 0.02, 4.0, -HUGE_VAL}, at()), SensorRefusal::kNone);
  EXPECT_NEAR(rear.distance, 0.28, 1e-9);
}

TEST_F(Intake, a_range_that_is_no_measurement_is_refused) {
  EXPECT_EQ(intake.take_range(0, {0.7, 0.02, 4.0, std::nan("")}, at()), SensorRefusal::kMalformed);
  EXPECT_EQ(intake.take_range(0, {0.7, 0.02, 4.0, 4.5}, at()), SensorRefusal::kMalformed);
  EXPECT_EQ(intake.take_range(0, {0.0, 0.02, 4.0, 1.0}, at()), SensorRefusal::kMalformed);
  EXPECT_EQ(intake.take_range(2, {0.7, 0.02, 4.0, 1.0}, at()), SensorRefusal::kUnknown);
}

TEST_F(Intake, every_configured_range_is_missing_until_it_speaks) {
  EXPECT_EQ(intake.surroundings().range_count, 2u);
  EXPECT_EQ(intake.surroundings().ranges[1].received_ns, kNever);
  EXPECT_NEAR(intake.surroundings().ranges[1].bearing, 2.5, 1e-9);
}

TEST_F(Intake, a_gyroscope_that_measures_nothing_is_refused) {
  EXPECT_EQ(intake.take_gyro(0.1, false, at()), SensorRefusal::kUnknown);
  EXPECT_EQ(intake.take_gyro(std::nan(""), true, at()), SensorRefusal::kMalformed);
  EXPECT_EQ(intake.surroundings().gyro.received_ns, kNever);
  EXPECT_EQ(intake.take_gyro(0.1, true, at()), SensorRefusal::kNone);
  EXPECT_EQ(intake.surroundings().gyro.yaw_rate, 0.1);
}

}  // namespace
}  // namespace care_control

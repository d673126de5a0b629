// SPDX-License-Identifier: Apache-2.0
// What the plant sees: ray-casts, persons, ranges, gyro.
#include <gtest/gtest.h>

#include <limits>

#include "plant_bench.hpp"

namespace care_control {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kDegree = 3.14159265358979323846 / 180;

Room box(double length, double width) {
  Room room;
  room.add_box({0.0, 0.0}, length, width);
  return room;
}

Walk standing(double x, double y) {
  Walk walk;
  walk.way[0] = {x, y};
  walk.count = 1;
  return walk;
}

PlantSettings exact() {
  PlantSettings settings;
  settings.laser.noise = settings.ranges.noise = settings.gyro.noise = 0.0;
  return settings;
}

/// Largest difference that a sector of 5 degrees makes between its edges and its middle.
constexpr double kSectorSlack = 0.15;

TEST(RayCast, meets_walls_and_persons_at_their_distance) {
  const Room room = box(8.0, 6.0);
  Scene scene;
  scene.room = &room;
  EXPECT_NEAR(cast(scene, {0, 0}, {1, 0}, 12), 4.0, 1e-12);
  EXPECT_NEAR(cast(scene, {1, 0}, {0, -1}, 12), 3.0, 1e-12);
  EXPECT_NEAR(cast(scene, {0, 0}, {0.8, 0.6}, 12), 5.0, 1e-12);
  scene.persons[0] = {{2.0, 0.0}, 0.25};
  scene.person_count = 1;
  EXPECT_NEAR(cast(scene, {0, 0}, {1, 0}, 12), 1.75, 1e-12);
  EXPECT_NEAR(cast(scene, {0, 0}, {-1, 0}, 12), 4.0, 1e-12);  // not behind the back
  EXPECT_EQ(cast(scene, {0, 0}, {1, 0}, 1.7), kInfinity);
  EXPECT_EQ(cast(scene, {2, 0.1}, {1, 0}, 12), 0.0);  // from within
}

TEST(RayCast, goes_past_the_end_of_a_wall) {
  Room room;
  room.walls[room.wall_count++] = {{2.0, -1.0}, {2.0, 1.0}};
  Scene scene;
  scene.room = &room;
  EXPECT_NEAR(cast(scene, {0, 0.9}, {1, 0}, 12), 2.0, 1e-12);
  EXPECT_EQ(cast(scene, {0, 1.1}, {1, 0}, 12), kInfinity);
  EXPECT_EQ(cast(scene, {0, -1.1}, {1, 0}, 12), kInfinity);
}

TEST(Gap, is_the_distance_between_outline_and_person) {
  const Footprint footprint;
  EXPECT_NEAR(gap(footprint, {}, Disc{{1.0, 0.1}, 0.2}), 1.0 - 0.28 - 0.2, 1e-12);
  EXPECT_NEAR(gap(footprint, {}, Disc{{0.0, -1.0}, 0.2}), 1.0 - 0.25 - 0.2, 1e-12);
  EXPECT_NEAR(gap(footprint, {}, Disc{{0.58, 0.65}, 0.2}), 0.3, 1e-12);  // 3-4-5 off the corner
  EXPECT_NEAR(gap(footprint, {2.0, 1.0, 90 * kDegree}, Disc{{2.0, 2.0}, 0.2}), 0.52, 1e-12);
  EXPECT_LT(gap(footprint, {}, Disc{{0.4, 0.0}, 0.2}), 0.0);
}

TEST(Gap, closes_by_what_the_base_does) {
  const Footprint footprint;
  const Disc ahead{{1.0, 0.1}, 0.2};
  const Disc aside{{0.1, 1.0}, 0.2};
  EXPECT_NEAR(approach(footprint, {}, {0.5, 0.0}, ahead), 0.5, 1e-12);
  EXPECT_NEAR(approach(footprint, {}, {-0.5, 0.0}, ahead), -0.5, 1e-12);
  EXPECT_NEAR(approach(footprint, {}, {0.5, 0.0}, aside), 0.0, 1e-12);
  EXPECT_NEAR(approach(footprint, {}, {0.0, 1.0}, aside), 0.1, 1e-12);
  EXPECT_NEAR(approach(footprint, {0.0, 0.0, 90 * kDegree}, {0.5, 0.0}, aside), 0.5, 1e-12);
  EXPECT_GT(approach(footprint, {}, {0.5, 0.0}, Disc{{0.1, 0.1}, 0.2}), 0.0);  // run over
}

TEST(Gap, to_a_wall_is_zero_when_the_wall_is_between_the_corners) {
  const Footprint footprint;
  Room room;
  room.walls[room.wall_count++] = {{0.0, -5.0}, {0.0, 5.0}};
  EXPECT_EQ(gap(footprint, {0.1, 0.0, 0.0}, room), 0.0);
  EXPECT_NEAR(gap(footprint, {1.0, 0.0, 0.0}, room), 0.72, 1e-12);
  EXPECT_NEAR(gap(footprint, {1.0, 0.0, 90 * kDegree}, room), 0.75, 1e-12);
  EXPECT_NEAR(gap(footprint, {1.0, 0.0, 45 * kDegree}, room), 1.0 - (0.28 + 0.25) * std::sqrt(0.5),
              1e-12);
}

TEST(Person, walks_its_way_and_stays_at_the_end) {
  Walk walk;
  walk.way = {{{0, 0}, {3, 0}, {3, 4}}};
  walk.count = 3;
  walk.speed = 1.0;
  Person person(walk);
  for (int i = 0; i < 5000; ++i) {
    person.step(0.001, {});
  }
  EXPECT_NEAR(person.disc().centre.x, 3.0, 1e-9);
  EXPECT_NEAR(person.disc().centre.y, 2.0, 1e-9);
  for (int i = 0; i < 5000; ++i) {
    person.step(0.001, {});
  }
  EXPECT_NEAR(person.disc().centre.y, 4.0, 1e-9);
}

TEST(Person, begins_again_when_its_way_is_a_round) {
  Walk walk;
  walk.way = {{{0, 0}, {1, 0}, {1, 1}, {0, 1}}};
  walk.count = 4;
  walk.speed = 1.0;
  walk.loops = true;
  Person person(walk);
  for (int i = 0; i < 9500; ++i) {
    person.step(0.001, {});
  }
  EXPECT_NEAR(person.disc().centre.x, 1.0, 1e-9);
  EXPECT_NEAR(person.disc().centre.y, 0.5, 1e-9);
}

TEST(Person, pursues_the_robot_after_its_way) {
  Walk walk;
  walk.way = {{{0, 0}, {1, 0}}};
  walk.count = 2;
  walk.speed = 1.0;
  walk.pursues = true;
  Person person(walk);
  for (int i = 0; i < 2000; ++i) {
    person.step(0.001, {1, 5});
  }
  EXPECT_NEAR(person.disc().centre.x, 1.0, 1e-9);
  EXPECT_NEAR(person.disc().centre.y, 1.0, 1e-9);
}

TEST(Person, is_not_seen_before_coming_in) {
  PlantBench bench;
  Walk walk = standing(1.0, 0.0);
  walk.begins_s = 1.0;
  ASSERT_TRUE(bench.plant.admit(walk));
  bench.run(999);
  EXPECT_EQ(bench.plant.person().gap, kInfinity);
  bench.run(2);
  EXPECT_NEAR(bench.plant.person().gap, 0.52, 1e-12);
}

TEST(Person, is_refused_by_a_full_room) {
  PlantBench bench;
  for (std::size_t i = 0; i < kMaxPersons; ++i) {
    EXPECT_TRUE(bench.plant.admit(standing(3.0, 0.0)));
  }
  EXPECT_FALSE(bench.plant.admit(standing(3.0, 0.0)));
}

TEST(PlantLaser, sees_walls_in_its_view_and_nothing_behind) {
  PlantBench bench(box(8.0, 6.0), 1, exact());
  bench.run(200);
  const Scan & scan = bench.plant.surroundings().scan;
  ASSERT_TRUE(scan.valid);
  EXPECT_NEAR(scan.distance[0], 4.0, 0.02);
  EXPECT_NEAR(scan.distance[18], 3.0, kSectorSlack);  // to the left
  EXPECT_NEAR(scan.distance[53], 3.0, kSectorSlack);  // to the right
  EXPECT_EQ(scan.distance[36], kInfinity);            // hidden by the cabinet
}

TEST(PlantLaser, sees_a_person_in_the_right_sector) {
  PlantBench bench({}, 1, exact());
  bench.plant.admit(standing(2.0 * std::cos(32 * kDegree), 2.0 * std::sin(32 * kDegree)));
  bench.run(200);
  const Scan & scan = bench.plant.surroundings().scan;
  EXPECT_NEAR(scan.distance[6], 1.8, 0.02);
  EXPECT_EQ(scan.distance[4], kInfinity);
  EXPECT_EQ(scan.distance[66], kInfinity);  // the mirror image
}

TEST(PlantLaser, hands_over_whole_sweeps_after_its_delay) {
  PlantBench bench;
  std::vector<std::int64_t> received;
  for (int i = 0; i < 1000; ++i) {
    bench.run(1);
    const std::int64_t when = bench.plant.surroundings().scan.received_ns;
    if (when != kNever && (received.empty() || received.back() != when)) {
      ASSERT_EQ(when, bench.now_ns);
      received.push_back(when);
    }
  }
  ASSERT_GE(received.size(), 18u);
  EXPECT_GE(received[0], 70'000'000);  // a whole sweep and the delay; the first sweep was cut
  for (std::size_t i = 1; i < received.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(received[i] - received[i - 1]), 50e6, 1.5e6);
  }
}

TEST(PlantLaser, shows_a_person_where_the_sweep_passed) {
  PlantSettings settings = exact();
  settings.laser.period = 0.5;
  PlantBench bench({}, 3, settings);
  Walk walk = standing(5.0, 0.0);
  walk.way[1] = {0.0, 0.0};
  walk.count = 2;
  walk.speed = 1.0;
  bench.plant.admit(walk);
  while (bench.plant.surroundings().scan.received_ns == kNever) {
    bench.run(1);
  }
  // Seen in the middle of the sweep: half a period and the delay before now.
  EXPECT_NEAR(bench.plant.surroundings().scan.distance[0], bench.plant.person().gap + 0.28 + 0.27,
              0.02);
}

TEST(PlantLaser, falls_silent_when_it_is_out) {
  PlantBench bench(box(4, 4));
  bench.run(200);
  const std::int64_t last = bench.plant.surroundings().scan.received_ns;
  Disturbances disturbances;
  disturbances.laser_out = disturbances.ranges_out = disturbances.gyro_out = true;
  bench.plant.disturb(disturbances);
  bench.run(200);
  EXPECT_EQ(bench.plant.surroundings().scan.received_ns, last);
  EXPECT_LT(bench.plant.surroundings().ranges[0].received_ns, 201'000'000);
  EXPECT_LT(bench.plant.surroundings().gyro.received_ns, 201'000'000);
}

TEST(PlantRanges, measure_from_the_middle_of_the_base) {
  PlantBench bench(box(5.0, 20.0), 1, exact());
  bench.run(200);
  const Surroundings & seen = bench.plant.surroundings();
  ASSERT_EQ(seen.range_count, 3u);
  EXPECT_NEAR(seen.ranges[0].bearing, 180 * kDegree, 1e-9);
  EXPECT_NEAR(seen.ranges[0].distance, 2.5, 1e-9);
  EXPECT_GT(seen.ranges[1].bearing, 90 * kDegree);
}

TEST(PlantRanges, see_a_person_within_their_cones_only) {
  PlantBench bench({}, 1, exact());
  bench.plant.admit(standing(-1.5, 0.0));
  bench.plant.admit(standing(1.5, 0.0));
  bench.run(200);
  EXPECT_NEAR(bench.plant.surroundings().ranges[0].distance, 1.3, 1e-6);
  PlantBench empty({}, 1, exact());
  empty.plant.admit(standing(1.5, 0.0));
  empty.run(200);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(empty.plant.surroundings().ranges[i].distance, kInfinity);
  }
}

TEST(PlantRanges, have_a_place_but_no_time_before_they_measured) {
  PlantBench bench;
  EXPECT_NEAR(std::abs(bench.plant.surroundings().ranges[0].bearing), 180 * kDegree, 1e-9);
  EXPECT_EQ(bench.plant.surroundings().ranges[0].received_ns, kNever);
}

TEST(PlantSensors, are_handed_to_the_control_loop_all_at_once) {
  PlantBench bench(box(5.0, 5.0));
  bench.run(200);
  Surroundings seen;
  HardwareInterface & hardware = bench.plant;
  EXPECT_TRUE(hardware.sense(seen));
  EXPECT_EQ(seen.scan.received_ns, bench.plant.surroundings().scan.received_ns);
  EXPECT_EQ(seen.range_count, 3u);
  EXPECT_NE(seen.gyro.received_ns, kNever);
}

TEST(PlantGyro, measures_the_turn_of_the_base_with_its_bias) {
  PlantBench bench({}, 5, exact());
  bench.drive(0.0, 0.5, 1000);
  EXPECT_NE(bench.plant.gyro_bias(), 0.0);
  EXPECT_LE(std::abs(bench.plant.gyro_bias()), 0.006);
  EXPECT_NEAR(bench.plant.surroundings().gyro.yaw_rate, 0.5 + bench.plant.gyro_bias(), 1e-6);
  EXPECT_GT(bench.plant.surroundings().gyro.received_ns, 990'000'000);
}

TEST(Random, is_even_and_bell_shaped) {
  Random random(1);
  double sum = 0.0;
  double squares = 0.0;
  for (int i = 0; i < 100000; ++i) {
    const double even = random.between(2.0, 4.0);
    ASSERT_GE(even, 2.0);
    ASSERT_LT(even, 4.0);
    const double bell = random.bell(0.5);
    sum += bell;
    squares += bell * bell;
  }
  EXPECT_NEAR(sum / 100000, 0.0, 0.01);
  EXPECT_NEAR(std::sqrt(squares / 100000), 0.5, 0.01);
}

TEST(Random, gives_the_same_numbers_on_every_machine) {
  Random random(42);
  EXPECT_EQ(random.bits(), 15021278609987233951U);
  EXPECT_EQ(random.bits(), 5881210131331364753U);
}

}  // namespace
}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "care_control/core.hpp"
#include "care_control/simulated_base.hpp"

namespace care_control {
namespace {

constexpr double kDt = 0.001;
constexpr std::int64_t kMs = 1'000'000;

double any_number(std::mt19937_64 & random) {
  switch (random() % 6) {
    case 0:
      return std::nan("");
    case 1:
      return HUGE_VAL;
    case 2:
      return 0.0;
    default:
      return static_cast<double>(random() % 4001) * 1e-3 - 2.0;
  }
}

/// Change one thing of the inputs.
void disturb(Inputs & in, std::mt19937_64 & random) {
  switch (random() % 40) {
    case 0:
      ++in.stop_count;
      break;
    case 1:
      in.stops_held = static_cast<std::uint32_t>(random() % 2);
      break;
    case 2:
    case 8:
    case 9:
    case 10:
    case 11:
      ++in.reset_count;
      break;
    case 12:
    case 13:
      in.stops_held = 0;
      in.estop.engaged = false;
      in.estop.readable = true;
      in.active = true;
      in.mode = Mode::kAutonomous;
      break;
    case 3:
      in.active = random() % 4 != 0;
      break;
    case 4:
      in.estop.engaged = random() % 4 == 0;
      break;
    case 5:
      in.estop.readable = random() % 4 != 0;
      break;
    case 6:
      in.mode = static_cast<Mode>(random() % 3);
      break;
    case 7:
      in.peer_moved_ns[0] = random() % 2 == 0 ? in.now_ns : kNever;
      break;
    default: {
      Command & command = random() % 2 == 0 ? in.autonomous : in.teleop;
      command = {{any_number(random), any_number(random)},
                 in.now_ns - static_cast<std::int64_t>(random() % 300) * kMs};
    }
  }
}

/// Drive a core through random inputs; returns all its outputs.
std::vector<Outputs> random_run(std::uint64_t seed, int cycles) {
  std::mt19937_64 random(seed);
  Core core{Settings{}};
  SimulatedBase base;
  Inputs in;
  in.configured = in.active = true;
  in.mode = Mode::kAutonomous;
  in.settings.peer_count = 1;
  in.peer_moved_ns[0] = 1;
  std::vector<Outputs> all;
  for (int i = 0; i < cycles; ++i) {
    in.now_ns += kMs;
    in.written_ns = in.now_ns;
    in.estop.received_ns = in.now_ns;
    in.peer_moved_ns[0] = in.peer_moved_ns[0] == kNever ? kNever : in.now_ns;
    if (random() % 40 == 0) {
      disturb(in, random);
    }
    in.hardware.wheels = base.wheels();
    all.emplace_back();
    std::memset(static_cast<void *>(&all.back()), 0, sizeof(Outputs));
    all.back() = core.step(kDt, in);
    base.step(all.back().command.left_speed, all.back().command.right_speed, kDt);
  }
  return all;
}

int seeds() {
  return std::getenv("NIGHTINGALE_LONG") != nullptr ? 100 : 5;
}

TEST(AnyInputs, never_leave_the_limits_and_never_speed_up_while_stopped) {
  const Settings settings;
  int moving = 0;
  int latched = 0;
  for (int seed = 0; seed < seeds(); ++seed) {
    Velocity last;
    for (const Outputs & out : random_run(static_cast<std::uint64_t>(seed), 20000)) {
      const double v = out.applied.linear;
      ASSERT_TRUE(std::isfinite(v) && std::isfinite(out.applied.angular));
      ASSERT_LE(v, settings.speed.linear + 1e-6);
      ASSERT_GE(v, -settings.speed.reverse - 1e-6);
      ASSERT_LE(std::abs(out.applied.angular), settings.speed.angular + 1e-6);
      ASSERT_LE(std::abs(v - last.linear), (settings.estop_linear + 1e-6) * kDt);
      if (is_latched(out.state) || out.state == State::kProtectiveStop) {
        ASSERT_LE(std::abs(v), std::abs(last.linear));
        ASSERT_LE(std::abs(out.applied.angular), std::abs(last.angular));
      }
      if (is_latched(out.previous) && !is_latched(out.state)) {
        ASSERT_EQ(v, 0.0);
        ASSERT_EQ(out.reset_blocking, 0u);
      }
      moving += v != 0.0 ? 1 : 0;
      latched += is_latched(out.state) ? 1 : 0;
      last = out.applied;
    }
  }
  EXPECT_GT(moving, 100);
  EXPECT_GT(latched, 100);
}

TEST(AnyInputs, the_same_seed_gives_the_same_bytes) {
  const auto once = random_run(42, 20000);
  const auto again = random_run(42, 20000);
  for (std::size_t i = 0; i < once.size(); ++i) {
    ASSERT_EQ(once[i].state, again[i].state) << i;
    ASSERT_EQ(std::memcmp(&once[i].applied, &again[i].applied, sizeof(Velocity)), 0) << i;
    ASSERT_EQ(std::memcmp(&once[i].pose, &again[i].pose, sizeof(Pose)), 0) << i;
    ASSERT_EQ(std::memcmp(&once[i].covariance, &again[i].covariance, sizeof(once[i].covariance)),
              0);
    ASSERT_EQ(once[i].causes, again[i].causes) << i;
  }
  const auto other = random_run(43, 20000);
  EXPECT_NE(std::memcmp(&once.back().pose, &other.back().pose, sizeof(Pose)), 0);
}

}  // namespace
}  // namespace care_control

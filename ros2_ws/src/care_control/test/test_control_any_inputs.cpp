// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <random>

#include "care_control/core.hpp"
#include "following_wheels.hpp"

namespace care_control {
namespace {

constexpr double kDt = 0.001;
constexpr std::int64_t kMs = 1'000'000;

int seeds() {
  return std::getenv("NIGHTINGALE_LONG") != nullptr ? 200 : 6;
}

/// A core, its base and lift, and inputs that a random source keeps changing.
class AnyRun {
 public:
  explicit AnyRun(std::uint64_t seed) : random_(seed) {
    in.configured = true;
    in.settings.peer_count = 1;
    in.settings.linear_reverse = {0.4, 0.8, 2.0};
    in.settings.speed = {0.8, 0.5, 1.6, 0.5, 9.0, 0.1, 0.23};
    in.settings.lift.present = true;
    in.settings.joints.count = 2;
    in.settings.joints.joint[0] = {0.0, 0.45, 0.08, 0.25, 2.0, 0.05, 0.5, 0.0};
    in.settings.joints.joint[1] = {-2.0, 2.0, 1.5, 3.0, 20.0, 0.2, 0.5, 0.0};
    in.settings.separation.scan_required = true;
    heal();
    core_ = Core(in.settings);
    out.command.joint_position = {};
  }

  /// One cycle; one in `calm` cycles something changes.
  const Outputs & cycle(std::uint64_t calm) {
    in.now_ns += kMs;
    in.written_ns = middleware_lives_ ? in.now_ns : in.written_ns;
    in.estop.received_ns = in.now_ns;
    in.peer_moved_ns[0] = peer_lives_ ? in.now_ns : in.peer_moved_ns[0];
    in.surroundings.scan.received_ns = scan_lives_ ? in.now_ns : in.surroundings.scan.received_ns;
    if (random_() % calm == 0) {
      disturb();
    }
    in.hardware.wheels = base_.wheels();
    in.hardware.wheels.valid = wheels_live_;
    for (std::size_t i = 0; i < 2; ++i) {
      in.hardware.joints[i] = {joints_[i], 0.0, true};
    }
    std::memset(static_cast<void *>(&out), 0, sizeof(out));
    out = core_.step(kDt, in);
    const bool torque = out.command.torque;
    base_.step(torque ? out.command.left_speed : 0.0, torque ? out.command.right_speed : 0.0, kDt);
    for (std::size_t i = 0; i < 2 && torque; ++i) {
      joints_[i] = out.command.joint_position[i];
    }
    return out;
  }

  /// A new velocity of any size, kept alive by the caller.
  Velocity any_velocity() {
    return {static_cast<double>(random_() % 3001) * 1e-3 - 1.5,
            static_cast<double>(random_() % 5001) * 1e-3 - 2.5};
  }

  Inputs in;
  Outputs out;

 private:
  bool chance(std::uint64_t one_in) { return random_() % one_in == 0; }

  double any_number() {
    switch (random_() % 8) {
      case 0:
        return std::nan("");
      case 1:
        return chance(2) ? HUGE_VAL : -HUGE_VAL;
      case 2:
        return 0.0;
      case 3:
        return chance(2) ? 1e300 : -1e-300;
      default:
        return static_cast<double>(random_() % 4001) * 1e-3 - 2.0;
    }
  }

  void disturb() {
    switch (random_() % 24) {
      case 0:
        in.stop_count += chance(3) ? 1U : 0U;
        break;
      case 1:
        in.stops_held = chance(3) ? 1 : 0;
        break;
      case 2:
        in.estop.engaged = chance(6);
        break;
      case 3:
        in.estop.readable = !chance(6);
        break;
      case 4:
        in.mode = static_cast<Mode>(random_() % 3);
        break;
      case 5:
        peer_lives_ = !chance(4);
        break;
      case 6:
        in.active = !chance(5);
        break;
      case 7:
        disturb_surroundings();
        break;
      case 8:
        in.hardware.faults = chance(6) ? 1U << random_() % 6 : 0U;
        break;
      case 9:
        wheels_live_ = !chance(6);
        break;
      case 10:
        middleware_lives_ = !chance(5);
        break;
      case 11:
        disturb_joints();
        break;
      case 12:
      case 13:
      case 14:
        heal();
        break;
      case 15:
      case 16:
        ++in.reset_count;
        break;
      default: {
        Command & command = chance(2) ? in.autonomous : in.teleop;
        command = {{any_number(), any_number()},
                   in.now_ns - static_cast<std::int64_t>(random_() % 300) * kMs};
      }
    }
  }

  void disturb_surroundings() {
    Scan & scan = in.surroundings.scan;
    scan_lives_ = !chance(5);
    scan.valid = !chance(6);
    scan.distance.fill(INFINITY);
    for (int i = 0; i < 5; ++i) {
      scan.distance[random_() % kSectors] = static_cast<float>(std::abs(any_number()) * 2.0);
    }
    in.surroundings.range_count = static_cast<std::uint32_t>(random_() % 12);
    in.surroundings.ranges[random_() % kMaxRanges] = {any_number(), any_number(), any_number(),
                                                      in.now_ns};
    in.surroundings.gyro = {any_number(), in.now_ns};
  }

  void disturb_joints() {
    ++in.trajectory.count;
    in.trajectory.received_ns = in.now_ns;
    in.trajectory.joints = static_cast<std::uint32_t>(random_());
    in.trajectory.points = static_cast<std::uint32_t>(random_() % 20);
    for (JointPoint & point : in.trajectory.point) {
      point = {any_number(), {any_number(), any_number()}};
    }
  }

  /// All in order again, and nothing commanded, so that a reset can succeed.
  void heal() {
    in.stops_held = 0;
    in.estop.engaged = false;
    in.estop.readable = in.active = in.surroundings.scan.valid = true;
    in.mode = Mode::kAutonomous;
    in.hardware.faults = 0;
    in.surroundings.range_count = 0;
    in.surroundings.scan.distance.fill(INFINITY);
    in.surroundings.gyro.received_ns = kNever;
    in.autonomous = {};
    wheels_live_ = peer_lives_ = scan_lives_ = middleware_lives_ = true;
  }

  std::mt19937_64 random_;
  Core core_{Settings{}};
  FollowingWheels base_;
  std::array<double, 2> joints_{};
  bool peer_lives_ = true;
  bool scan_lives_ = true;
  bool wheels_live_ = true;
  bool middleware_lives_ = true;
};

bool own_caps(State state) {
  return is_latched(state) || state == State::kProtectiveStop;
}

/// Checks each cycle against all limits.
class Judge {
 public:
  void look(const Outputs & out, const Settings & settings) {
    const double v = out.applied.linear;
    const double w = out.applied.angular;
    const double a = (v - last_.linear) / kDt;
    const double b = (w - last_.angular) / kDt;
    ASSERT_TRUE(std::isfinite(v) && std::isfinite(w));
    ASSERT_LE(v, settings.speed.linear + 1e-6);
    ASSERT_GE(v, -settings.speed.reverse - 1e-6);
    ASSERT_LE(std::abs(w), settings.speed.angular + 1e-5);
    ASSERT_LE(std::abs(v * w), settings.speed.lateral + 1e-5);
    ASSERT_LE((std::abs(v) + std::abs(w) * settings.speed.half_track) / settings.speed.wheel_radius,
              settings.speed.wheel + 1e-4);
    const bool braked = own_caps(out.state) || braking_;
    braking_ = braked && (v != 0.0 || w != 0.0);
    if (braked) {
      judge_stop(out, settings);
    } else {
      const bool back = v < 0.0 || (v == 0.0 && last_.linear < 0.0);
      const AxisLimits & limits = back ? settings.linear_reverse : settings.linear;
      ASSERT_LE(std::abs(a), std::max(limits.up, limits.down) + 1e-6);
      ASSERT_LE(v * a > 0.0 ? std::abs(a) : 0.0, limits.up + 1e-6);
      ASSERT_LE(std::abs(a - acceleration_),
                std::max(settings.linear.jerk, settings.linear_reverse.jerk) * kDt + 1e-6);
      ASSERT_LE(std::abs(b), settings.angular.down + 1e-6);
      ASSERT_LE(std::abs(b - turn_), settings.angular.jerk * kDt + 1e-6);
    }
    acceleration_ = braked ? 0.0 : a;
    turn_ = braked ? 0.0 : b;
    last_ = out.applied;
  }

 private:
  void judge_stop(const Outputs & out, const Settings & settings) {
    const bool hard = out.state == State::kEstop || out.state == State::kFault;
    const double linear = hard ? settings.estop_linear : settings.protective_linear;
    const double angular = hard ? settings.estop_angular : settings.protective_angular;
    ASSERT_LE(std::abs(out.applied.linear),
              std::max(0.0, std::abs(last_.linear) - 0.99 * linear * kDt));
    ASSERT_LE(std::abs(out.applied.linear - last_.linear), linear * kDt + 1e-9);
    ASSERT_LE(std::abs(out.applied.angular),
              std::max(0.0, std::abs(last_.angular) - 0.99 * angular * kDt));
  }

  Velocity last_;
  double acceleration_ = 0.0;
  double turn_ = 0.0;
  bool braking_ = false;
};

TEST(AnyInputs, never_leave_a_limit_and_brake_as_each_stop_demands) {
  int moving = 0, latched = 0, limited = 0;
  for (int seed = 0; seed < seeds(); ++seed) {
    AnyRun run(static_cast<std::uint64_t>(seed));
    Judge judge;
    for (int i = 0; i < 30000; ++i) {
      judge.look(run.cycle(seed % 2 == 0 ? 150 : 15), run.in.settings);
      ASSERT_FALSE(::testing::Test::HasFatalFailure()) << "seed " << seed << " cycle " << i;
      moving += run.out.applied.linear != 0.0 ? 1 : 0;
      latched += is_latched(run.out.state) ? 1 : 0;
      limited += run.out.state == State::kLimited ? 1 : 0;
    }
  }
  EXPECT_GT(moving, 1000);
  EXPECT_GT(latched, 1000);
  EXPECT_GT(limited, 100);
}

TEST(AnyInputs, switching_targets_never_lead_out_of_a_limit_on_the_way_either) {
  int limited = 0;
  double tightest = 0.0;
  for (int seed = 0; seed < seeds(); ++seed) {
    AnyRun run(static_cast<std::uint64_t>(seed) + 3000);
    Judge judge;
    Velocity target;
    for (int i = 0; i < 30000; ++i) {
      target = i % 400 == 0 ? run.any_velocity() : target;
      run.in.autonomous = {i < 10 ? Velocity{} : target, run.in.now_ns};
      judge.look(run.cycle(~0ULL), run.in.settings);
      ASSERT_FALSE(::testing::Test::HasFatalFailure()) << "seed " << seed << " cycle " << i;
      limited += run.out.state == State::kLimited ? 1 : 0;
      tightest = std::max(tightest, std::abs(run.out.applied.linear * run.out.applied.angular));
    }
  }
  EXPECT_GT(limited, 10000);
  EXPECT_GT(tightest, 0.98 * Settings{}.speed.lateral);
}

TEST(AnyInputs, nothing_moves_while_latched_and_a_release_starts_nothing) {
  int releases = 0;
  for (int seed = 0; seed < seeds(); ++seed) {
    AnyRun run(static_cast<std::uint64_t>(seed) + 1000);
    std::array<double, kMaxJoints> last{};
    int latched_for = 0;
    for (int i = 0; i < 30000; ++i) {
      const Outputs & out = run.cycle(20);
      if (is_latched(out.previous) && !is_latched(out.state)) {
        ++releases;
        ASSERT_EQ(out.applied.linear, 0.0);
        ASSERT_EQ(out.applied.angular, 0.0);
        ASSERT_EQ(out.reset_blocking, 0u);
        ASSERT_TRUE(out.at_rest);
      }
      latched_for = is_latched(out.state) ? latched_for + 1 : 0;
      if (latched_for > 1000) {  // longer than the longest way to rest
        ASSERT_EQ(out.applied.linear, 0.0);
        ASSERT_EQ(out.command.right_speed, 0.0);
        for (std::size_t j = 0; j < 2; ++j) {
          ASSERT_EQ(out.command.joint_position[j], last[j]) << j;
        }
      }
      if (out.state == State::kEstop || out.state == State::kFault) {
        ASSERT_FALSE(out.command.torque);
      }
      last = out.command.joint_position;
    }
  }
  EXPECT_GT(releases, 5);
}

TEST(AnyInputs, joints_never_leave_their_limits) {
  bool moved = false;
  for (int seed = 0; seed < seeds(); ++seed) {
    AnyRun run(static_cast<std::uint64_t>(seed) + 2000);
    std::array<double, kMaxJoints> last{};
    for (int i = 0; i < 20000; ++i) {
      const Outputs & out = run.cycle(40);
      for (std::size_t j = 0; j < 2; ++j) {
        const JointSettings & joint = run.in.settings.joints.joint[j];
        const double to = out.command.joint_position[j];
        ASSERT_GE(to, joint.lower - 1e-6);
        ASSERT_LE(to, joint.upper + 1e-6);
        ASSERT_LE(std::abs(to - last[j]), (joint.velocity + 1e-5) * kDt);
        moved = moved || to != 0.0;
      }
      last = out.command.joint_position;
    }
  }
  EXPECT_TRUE(moved);
}

TEST(AnyInputs, the_same_seed_gives_the_same_bytes) {
  AnyRun once(42);
  AnyRun again(42);
  AnyRun other(43);
  for (int i = 0; i < 20000; ++i) {
    const Outputs & a = once.cycle(40);
    const Outputs & b = again.cycle(40);
    other.cycle(40);
    ASSERT_EQ(a.state, b.state) << i;
    ASSERT_EQ(a.causes, b.causes) << i;
    ASSERT_EQ(std::memcmp(&a.applied, &b.applied, sizeof(a.applied)), 0) << i;
    ASSERT_EQ(std::memcmp(&a.pose, &b.pose, sizeof(a.pose)), 0) << i;
    ASSERT_EQ(std::memcmp(&a.covariance, &b.covariance, sizeof(a.covariance)), 0) << i;
    ASSERT_EQ(std::memcmp(&a.command.joint_position, &b.command.joint_position,
                          sizeof(a.command.joint_position)),
              0)
        << i;
  }
  EXPECT_NE(std::memcmp(&once.out.pose, &other.out.pose, sizeof(Pose)), 0);
}

}  // namespace
}  // namespace care_control

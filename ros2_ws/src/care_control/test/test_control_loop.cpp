// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <ctime>
#include <functional>
#include <thread>

#include "care_control/control_loop.hpp"

namespace care_control {
namespace {

using std::chrono::milliseconds;

std::int64_t now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

/// Actuators that do at once what they are told, and may be slow or at fault.
class FakeHardware : public HardwareInterface {
 public:
  void read(std::int64_t, double dt, HardwareState & state) noexcept override {
    const std::int64_t begin = now();
    while (now() - begin < slow_ns) {
    }
    wheels_.left_angle += wheels_.left_speed * dt;
    wheels_.right_angle += wheels_.right_speed * dt;
    state.wheels = wheels_;
    state.faults = faults;
    state.actuator = faults != 0 ? 2U : 0U;
  }
  void write(std::int64_t, double, const HardwareCommand & command) noexcept override {
    const bool slower = command.left_speed < wheels_.left_speed - 1e-3;
    wheels_.left_speed = command.left_speed;
    wheels_.right_speed = command.right_speed;
    torque = command.torque;
    ++writes;
    slower_at = slower && slower_at == 0 ? writes.load() : slower_at.load();
    slack_at = !torque && slack_at == 0 ? writes.load() : slack_at.load();
    writes_with_torque += command.torque && faults != 0 ? 1 : 0;
  }
  void reset() noexcept override { ++resets; }
  bool sense(Surroundings & surroundings) noexcept override {
    if (gyro_turns) {
      surroundings.gyro.yaw_rate = 0.5;
      surroundings.gyro.received_ns = now();
    }
    return gyro_turns;
  }

  std::atomic<std::int64_t> slow_ns{0};
  std::atomic<std::uint32_t> faults{0};
  std::atomic<bool> gyro_turns{false};
  std::atomic<bool> torque{false};
  std::atomic<int> writes{0};
  std::atomic<int> writes_with_torque{0};  // in cycles that began with a fault
  std::atomic<int> resets{0};
  std::atomic<int> slower_at{0};  // the write that first asked for less speed, 0 for none yet
  std::atomic<int> slack_at{0};   // the write that first asked for no torque, 0 for none yet

 private:
  Wheels wheels_;
};

class ControlLoopTest : public ::testing::Test {
 protected:
  void SetUp() override {
    in.settings.estop_required = false;
    in.settings.middleware_silence = 20.0;
    in.configured = in.active = true;
    in.mode = Mode::kAutonomous;
    tell();
    Degradations ignored;
    loop.start({10}, ignored);
    until([this] { return loop.outputs().state == State::kReady; });
  }
  void TearDown() override { loop.stop(); }

  void tell() {
    in.written_ns = now();
    in.autonomous = {wanted, in.written_ns};
    loop.write(in);
  }
  void until(const std::function<bool()> & holds) {
    for (int i = 0; i < 2000 && !holds(); ++i) {
      tell();
      std::this_thread::sleep_for(milliseconds(5));
    }
    ASSERT_TRUE(holds());
  }

  Inputs in;
  Velocity wanted;
  FakeHardware hardware;
  ControlLoop loop{in.settings, {}, hardware};
};

TEST_F(ControlLoopTest, actuators_are_told_once_a_cycle_what_the_core_says) {
  wanted.linear = 0.2;
  until([this] { return loop.outputs().measured.linear > 0.19; });
  EXPECT_TRUE(hardware.torque);
  loop.stop();
  const auto cycles = static_cast<int>(loop.outputs().cycle);
  EXPECT_EQ(hardware.writes, cycles);
}

TEST_F(ControlLoopTest, a_fault_of_the_actuators_takes_the_torque_in_the_same_cycle) {
  wanted.linear = 0.2;
  until([this] { return loop.outputs().measured.linear > 0.19; });
  hardware.faults = kActuatorOverload;
  until([this] { return loop.outputs().state == State::kFault; });
  loop.stop();
  EXPECT_FALSE(hardware.torque);
  // The fault may have come while a cycle was between reading and writing.
  EXPECT_LE(hardware.writes_with_torque, 1);
  EXPECT_EQ(loop.outputs().hardware_faults, static_cast<std::uint32_t>(kActuatorOverload));
  EXPECT_EQ(loop.outputs().faulty_actuators, 2U);
}

TEST_F(ControlLoopTest, stops_reach_the_actuators_within_two_cycles_of_being_told) {
  in.settings.command_timeout = 20.0;  // a starved machine is no reason to slow down
  for (const bool emergency : {false, true}) {
    wanted.linear = 0.2;
    until([this] { return loop.outputs().measured.linear > 0.199; });
    hardware.slower_at = hardware.slack_at = 0;
    ++(emergency ? in.estop_count : in.stop_count);
    tell();
    const int told = hardware.writes;  // the cycle under way may have looked before: two at most
    until([&] { return loop.outputs().state == (emergency ? State::kEstop : State::kStopped); });
    const int obeyed = emergency ? hardware.slack_at : hardware.slower_at;
    EXPECT_GT(obeyed, 0);
    EXPECT_LE(obeyed - told, 2);
    wanted.linear = 0.0;
    until([this] { return loop.outputs().at_rest; });
    ++in.reset_count;
    until([this] { return loop.outputs().state == State::kReady; });
  }
}

TEST_F(ControlLoopTest, times_commands_from_their_stamp_and_a_mode_without_one_not_at_all) {
  in.settings.command_timeout = 20.0;
  in.written_ns = in.autonomous.received_ns = now();
  in.autonomous.sent_ns = in.written_ns - 5'000'000;
  loop.write(in);
  const auto typical = [this] { return loop.report().command.p50; };
  for (int i = 0; i < 2000 && typical() == 0; ++i) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_GT(typical(), 5'000'000);
  const std::int64_t before = typical();
  in.mode = Mode::kTeleop;
  loop.write(in);
  const std::uint64_t cycles = loop.report().cycles;
  for (int i = 0; i < 2000 && loop.report().cycles < cycles + 2000; ++i) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_EQ(typical(), before);
}

TEST_F(ControlLoopTest, each_reset_that_is_asked_for_reaches_the_actuators_once) {
  EXPECT_EQ(hardware.resets, 0);
  for (int i = 1; i <= 3; ++i) {
    ++in.reset_count;
    until([this] { return loop.outputs().reset_count == in.reset_count; });
    EXPECT_EQ(hardware.resets, i);
  }
}

TEST_F(ControlLoopTest, actuators_that_take_too_long_again_and_again_are_a_fault) {
  const LoopSettings settings;
  hardware.slow_ns = settings.hardware_budget_ns + 100'000;
  until([this] { return loop.outputs().state == State::kFault; });
  EXPECT_NE(loop.outputs().hardware_faults & kOverBudget, 0U);
  until([this] { return loop.report().over_budget > 20; });
  EXPECT_GT(loop.report().hardware.p50, settings.hardware_budget_ns);
  hardware.slow_ns = 0;
  std::this_thread::sleep_for(milliseconds(200));
  EXPECT_EQ(loop.outputs().state, State::kFault);
  ++in.reset_count;
  until([this] { return loop.outputs().state == State::kReady; });
}

TEST_F(ControlLoopTest, what_a_simulation_senses_goes_to_the_core) {
  // The wheels stand and the gyroscope turns: only `sense` can have told.
  hardware.gyro_turns = true;
  wanted.linear = 0.2;
  until([this] { return (loop.outputs().causes & (kWheelsSlip | kSlippedTooLong)) != 0; });
}

}  // namespace
}  // namespace care_control

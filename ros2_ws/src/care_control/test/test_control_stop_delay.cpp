// SPDX-License-Identifier: Apache-2.0
// From each source of a stop to what the actuators are told, counted in cycles.
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>

#include "core_bench.hpp"

namespace care_control {
namespace {

constexpr int kAllowed = 2;      // cycles
constexpr int kLongest = 5'000;  // cycles until the slowest watch has made sure

/// What goes wrong, and what that leads to.
struct Source {
  const char * name;
  State state;
  std::uint32_t cause;  ///< the bit that says that it was noticed
  bool at_once;         ///< noticed in the first cycle; others are made sure of first
  void (*befall)(Inputs & in);
};

std::ostream & operator<<(std::ostream & stream, const Source & source) {
  return stream << source.name;
}

std::string name_of_source(const ::testing::TestParamInfo<Source> & info) {
  return info.param.name;
}

constexpr Source kStops[] = {
    {"stop_held", State::kStopped, kStopHeld, true, [](Inputs & in) { in.stops_held = 1; }},
    {"stop_pressed_for_a_moment", State::kStopped, kStopHeld, true,
     [](Inputs & in) { in.stop_count = 1; }},
    {"drawer", State::kProtectiveStop, kDrawerOpen, true,
     [](Inputs & in) { in.drawer_open = true; }},
    {"line_unreadable", State::kProtectiveStop, kEstopUnreadable, true,
     [](Inputs & in) { in.estop.readable = false; }},
    {"line_silent", State::kProtectiveStop, kEstopSilent, false,
     [](Inputs & in) { in.estop.received_ns = 1000 * kMs; }},
    {"peer_silent", State::kProtectiveStop, kPeerSilent, false,
     [](Inputs & in) { in.peer_moved_ns[1] = 1000 * kMs; }},
    {"middleware_silent", State::kProtectiveStop, kMiddlewareSilent, false,
     [](Inputs & in) { in.written_ns = 1000 * kMs; }},
    {"gyroscope_silent", State::kProtectiveStop, kGyroSilent, false,
     [](Inputs & in) { in.settings.slip.gyro_required = true; }},
    {"obstacle", State::kProtectiveStop, kObstacle, true,
     [](Inputs & in) { in.surroundings.scan.distance.fill(0.3F); }},
    {"scan_missing", State::kProtectiveStop, kSurroundingsUnseen, true,
     [](Inputs & in) { in.surroundings.scan.valid = false; }},
};

constexpr Source kEmergencies[] = {
    {"line_engaged", State::kEstop, kEstopEngaged, true,
     [](Inputs & in) { in.estop.engaged = true; }},
    {"line_engaged_for_a_moment", State::kEstop, kEstopEngaged, true,
     [](Inputs & in) { in.estop_count = 1; }},
    {"bus_lost", State::kFault, kHardwareFault, true,
     [](Inputs & in) { in.hardware.faults = kBusLost; }},
    {"bus_garbled", State::kFault, kHardwareFault, true,
     [](Inputs & in) { in.hardware.faults = kBusGarbled; }},
    {"actuator_gone", State::kFault, kHardwareFault, true,
     [](Inputs & in) { in.hardware.faults = kActuatorGone; }},
    {"actuator_overload", State::kFault, kHardwareFault, true,
     [](Inputs & in) { in.hardware.faults = kActuatorOverload; }},
    {"actuator_refused", State::kFault, kHardwareFault, true,
     [](Inputs & in) { in.hardware.faults = kActuatorRefused; }},
    {"over_budget", State::kFault, kHardwareFault, true,
     [](Inputs & in) { in.hardware.faults = kOverBudget; }},
    {"wheels_jump", State::kFault, kWheelsUnreadable, true,
     [](Inputs & in) { in.hardware.wheels.left_angle += 1.0; }},
    {"wheels_unreadable", State::kFault, kWheelsUnreadable, false,
     [](Inputs & in) { in.hardware.wheels.valid = false; }},
    {"wheel_blocked", State::kFault, kWheelsDoNotFollow, false,
     [](Inputs & in) { in.hardware.wheels.left_speed = 0.0; }},
    {"wheels_slip", State::kFault, kSlippedTooLong, false,
     [](Inputs & in) {
       in.surroundings.gyro = {1.0, in.now_ns};
     }},
    {"joint_unreadable", State::kFault, kJointUnreadable, false,
     [](Inputs & in) { in.hardware.joints[0].valid = false; }},
    {"joint_blocked", State::kFault, kJointDoesNotFollow, false,
     [](Inputs & in) { in.hardware.joints[0].position = 0.2; }},
};

class StopDelay : public Bench, public ::testing::WithParamInterface<Source> {
 protected:
  StopDelay() {
    open_eyes();
    in.settings.joints.count = 1;
    in.settings.joints.joint[0] = {0.0, 0.45, 0.08, 0.25, 2.0, 0.05, 0.5, 0.0};
    core = Core{in.settings};
    run(300);
    drive(3000, 0.6);
  }

  /// Let it befall; return after how many cycles it was noticed, 1 for the first.
  int notice() {
    tamper = GetParam().befall;
    for (int cycles = 1; cycles <= kLongest; ++cycles) {
      before = out.command;
      drive(1, 0.6);
      if ((out.causes & GetParam().cause) != 0) {
        return cycles;
      }
    }
    return kLongest + 1;
  }

  HardwareCommand before;  ///< of the cycle before it was noticed
};

class Stops : public StopDelay {};

TEST_P(Stops, brake_within_two_cycles_down_to_zero) {
  ASSERT_EQ(out.state, State::kMoving);
  const int cycles = notice();
  ASSERT_LE(cycles, GetParam().at_once ? kAllowed : kLongest);
  EXPECT_EQ(out.state, GetParam().state);
  // What was noticed in a cycle is obeyed in that cycle.
  const double step = in.settings.protective_linear * kDt / in.settings.speed.wheel_radius;
  for (double told = before.left_speed; told > 0.0; drive(1, 0.6)) {
    told = std::max(0.0, told - step);
    ASSERT_NEAR(out.command.left_speed, told, 1e-9);
    ASSERT_TRUE(out.command.torque);
  }
  EXPECT_EQ(out.command.left_speed, 0.0);
  EXPECT_EQ(out.command.right_speed, 0.0);
}

INSTANTIATE_TEST_SUITE_P(Every, Stops, ::testing::ValuesIn(kStops), name_of_source);

class Emergencies : public StopDelay {};

TEST_P(Emergencies, take_the_torque_within_two_cycles) {
  ASSERT_EQ(out.state, State::kMoving);
  ASSERT_TRUE(out.command.torque);
  const int cycles = notice();
  ASSERT_LE(cycles, GetParam().at_once ? kAllowed : kLongest);
  EXPECT_EQ(out.state, GetParam().state);
  EXPECT_FALSE(out.command.torque);
  run(100);
  EXPECT_FALSE(out.command.torque);
}

INSTANTIATE_TEST_SUITE_P(Every, Emergencies, ::testing::ValuesIn(kEmergencies), name_of_source);

}  // namespace
}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "care_control/surroundings.hpp"
#include "care_control/wheels.hpp"

namespace care_control {

constexpr std::size_t kMaxJoints = 4;  ///< lift, pan, tilt, one to spare

/// Why an actuator or its bus cannot be trusted: bits of `HardwareState::faults`.
enum HardwareFault : std::uint32_t {
  kBusLost = 1U << 0,           ///< port gone, or no status packet for too long
  kBusGarbled = 1U << 1,        ///< checksum errors beyond what is tolerated
  kActuatorGone = 1U << 2,      ///< one actuator of several does not answer
  kActuatorOverload = 1U << 3,  ///< overload, overheating, wrong voltage: an error bit of its own
  kActuatorRefused = 1U << 4,   ///< it answers, but does not do as told (torque off, wrong mode)
  kOverBudget = 1U << 5,  ///< reading and writing took longer than the time budget, repeatedly
};

/// One joint that is moved to positions.
struct JointReading {
  double position = 0.0;  ///< [m] or [rad]
  double velocity = 0.0;  ///< [m/s] or [rad/s]
  bool valid = false;
};

/// What the actuators say in one cycle.
struct HardwareState {
  Wheels wheels;
  std::array<JointReading, kMaxJoints> joints{};
  std::uint32_t faults = 0;    ///< bits of HardwareFault, standing now
  std::uint32_t actuator = 0;  ///< bit i: actuator i is concerned (0 left, 1 right, 2.. joints)
};

/// What the actuators are told in one cycle.
struct HardwareCommand {
  bool torque = false;       ///< false: no force; brakes hold where there are any
  double left_speed = 0.0;   ///< of a wheel [rad/s]
  double right_speed = 0.0;  ///< [rad/s]
  std::array<double, kMaxJoints> joint_position{};  ///< [m] or [rad]
};

/// The actuators, real or simulated. Called from the control thread only, once a cycle each: never
/// blocks, allocates, locks or throws. Opening and closing happen before and after that thread.
class HardwareInterface {
 public:
  virtual ~HardwareInterface() = default;

  /// Take in what has come since the last cycle. @param now_ns steady time; @param dt [s].
  virtual void read(std::int64_t now_ns, double dt, HardwareState & state) noexcept = 0;

  /// Tell the actuators; what cannot be sent now is dropped, the next cycle says it again.
  virtual void write(std::int64_t now_ns, double dt, const HardwareCommand & command) noexcept = 0;

  /// A person asked for a reset: try again what was given up. Faults stand until that has worked.
  virtual void reset() noexcept {}

  /// What a simulated robot sees around it; real sensors come by topics. @return false: nothing.
  virtual bool sense(Surroundings & surroundings) noexcept {
    static_cast<void>(surroundings);
    return false;
  }
};

}  // namespace care_control

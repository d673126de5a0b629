// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "care_control/dynamixel/bus_health.hpp"
#include "care_control/dynamixel/byte_port.hpp"
#include "care_control/dynamixel/servo.hpp"

namespace care_control::dynamixel {

/// What was found on the bus.
struct Commissioned {
  Faults faults;                                          ///< none: the servos are ready
  std::array<std::int32_t, kMaxServos> velocity_limit{};  ///< of each servo [0.229 turns a minute]
  Readings readings{};
};

/// Bring every servo to where cyclic work can begin: found, without torque, in its mode, with its
/// readings gathered and its watchdog set. Blocks, up to a second for each servo that is silent.
/// @param reboot  Restart servos that have shut down by a hardware error, as a person asked.
Commissioned commission(BytePort & port, const BusConfig & config, bool reboot);

/// Take torque from every servo, and wait for each to say so; blocks.
void release(BytePort & port, const BusConfig & config);

}  // namespace care_control::dynamixel

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "care_control/dynamixel/packet.hpp"
#include "care_control/hardware.hpp"

namespace care_control::dynamixel {

/// Registers of the X series.
enum Register : std::uint16_t {
  kReturnDelay = 9,
  kDriveMode = 10,
  kOperatingMode = 11,
  kVelocityLimit = 44,
  kTorqueEnable = 64,
  kStatusReturnLevel = 68,
  kHardwareError = 70,
  kBusWatchdog = 98,
  kGoalVelocity = 104,
  kProfileAcceleration = 108,
  kGoalPosition = 116,
  kPresentVelocity = 128,
  kPresentPosition = 132,
  kIndirectAddress = 168,
  kIndirectData = 224,
};

constexpr double kRadPerTick = 6.283185307179586 / 4096;
constexpr double kRadPerSecondPerUnit = 0.229 * 6.283185307179586 / 60;  // 0.229 turns a minute
constexpr std::uint8_t kWatchdogTripped = 0xFF;

/// How a servo works; the numbers are those of its register.
enum class ServoMode : std::uint8_t { kVelocity = 1, kPosition = 3, kExtendedPosition = 4 };

/// One servo and what it moves.
struct ServoConfig {
  std::uint8_t id = 0;
  ServoMode mode = ServoMode::kVelocity;
  double ratio = 1.0;  ///< [rad] or [m] of the wheel or joint per radian of the servo; may be < 0
  std::int32_t zero = 2048;  ///< position of the servo where the joint is at 0 [4096ths of a turn]
};

/// The bus. The first two servos are the left and the right wheel, the others joints in order.
struct BusConfig {
  std::string port;
  int baud = 1000000;
  double period = 0.004;          ///< between exchanges [s]
  double answer_timeout = 0.008;  ///< [s]
  double silence = 0.05;          ///< without a good answer, then the bus counts as lost [s]
  double watchdog = 0.1;          ///< a servo that hears nothing for so long stops by itself [s]
  std::vector<ServoConfig> servos;
};

using Ids = std::array<std::uint8_t, kMaxServos>;
Ids ids_of(const BusConfig & config) noexcept;

/// What is wrong with a configuration, cause and cure in one sentence; empty when nothing is.
std::string fault_of(const BusConfig & config);

/// Time of the servos' watchdog in their unit of 20 ms.
std::uint8_t watchdog_units(const BusConfig & config) noexcept;

/// The registers that are read each time, gathered by the servos' indirect addresses.
constexpr std::size_t kReadingWidth = 11;
std::array<std::uint16_t, kReadingWidth> reading_registers() noexcept;

/// What one servo said.
struct ServoReading {
  bool torque = false;
  std::uint8_t hardware_error = 0;
  std::uint8_t watchdog = 0;
  std::int32_t velocity = 0;  ///< [0.229 turns a minute]
  std::int32_t position = 0;  ///< [4096ths of a turn]
};

using Readings = std::array<ServoReading, kMaxServos>;

/// Take apart the `kReadingWidth` bytes of a servo.
ServoReading reading_of(const std::uint8_t * data) noexcept;

/// Joint position [rad or m] of a servo's position, and the reverse, within what the mode allows.
double to_position(const ServoConfig & config, std::int32_t ticks) noexcept;
std::int32_t to_ticks(const ServoConfig & config, double position) noexcept;

/// Speed of wheel or joint [rad/s or m/s], and the reverse, within +-`limit` units.
double to_speed(const ServoConfig & config, std::int32_t units) noexcept;
std::int32_t to_units(const ServoConfig & config, double speed, std::int32_t limit) noexcept;

/// Angle that is counted on while the servo's 32-bit position wraps.
class AngleCounter {
 public:
  /// Go on from here: a way made unseen is not counted.
  void rebase(std::int32_t ticks) noexcept { last_ = ticks; }
  /// Add the way since the last reading [rad or m].
  void advance(const ServoConfig & config, std::int32_t ticks) noexcept;
  double angle() const noexcept { return angle_; }

 private:
  std::int32_t last_ = 0;
  double angle_ = 0.0;
};

}  // namespace care_control::dynamixel

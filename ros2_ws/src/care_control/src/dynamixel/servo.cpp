// SPDX-License-Identifier: Apache-2.0
#include "care_control/dynamixel/servo.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "care_control/dynamixel/serial_port.hpp"

namespace care_control::dynamixel {
namespace {

constexpr double kLastTick = 4095;
constexpr double kExtendedTicks = 256 * 4096 - 1;  // either way
constexpr double kWatchdogUnit = 0.02;             // [s]
constexpr double kLongestWatchdog = 127 * kWatchdogUnit;

std::string fault_of(const ServoConfig & servo, bool wheel) {
  const std::string name = "servo " + std::to_string(servo.id);
  if (servo.id > 252) {
    return name + " cannot be: ids go from 0 to 252";
  }
  if (!std::isfinite(servo.ratio) || servo.ratio == 0.0) {
    return name + " needs a ratio other than 0";
  }
  if (wheel != (servo.mode == ServoMode::kVelocity)) {
    return name + (wheel ? " drives a wheel and needs velocity mode"
                         : " moves a joint and needs a position mode");
  }
  return "";
}

std::string fault_of_times(const BusConfig & config) {
  for (const double time : {config.period, config.answer_timeout, config.silence}) {
    if (!(time > 0.0 && time <= 1.0)) {
      return "period, answer time-out and silence of the bus are above 0 and at most 1 s";
    }
  }
  if (config.silence <= config.answer_timeout || config.silence <= config.period) {
    return "the silence of the bus must be longer than its period and than an answer takes";
  }
  if (!(config.watchdog >= kWatchdogUnit && config.watchdog <= kLongestWatchdog)) {
    return "the watchdog of the servos is 0.02 s to 2.54 s";
  }
  if (config.watchdog <= config.period + config.answer_timeout) {
    return "the watchdog of the servos must be longer than one exchange takes";
  }
  return "";
}

}  // namespace

std::string fault_of(const BusConfig & config) {
  if (config.port.empty()) {
    return "the port of the servos is not named, give e.g. /dev/serial/by-id/usb-...";
  }
  if (!is_baud_rate(config.baud)) {
    return "no serial port runs at " + std::to_string(config.baud) + " baud, take e.g. 1000000";
  }
  if (config.servos.size() < 2 || config.servos.size() > 2 + kMaxJoints) {
    return "name two servos for the wheels and at most " + std::to_string(kMaxJoints) +
           " for joints";
  }
  std::set<std::uint8_t> ids;
  for (std::size_t i = 0; i < config.servos.size(); ++i) {
    if (const auto fault = fault_of(config.servos[i], i < 2); !fault.empty()) {
      return fault;
    }
    if (!ids.insert(config.servos[i].id).second) {
      return "servo " + std::to_string(config.servos[i].id) + " is named twice";
    }
  }
  return fault_of_times(config);
}

Ids ids_of(const BusConfig & config) noexcept {
  Ids ids{};
  for (std::size_t i = 0; i < std::min(config.servos.size(), ids.size()); ++i) {
    ids[i] = config.servos[i].id;
  }
  return ids;
}

std::uint8_t watchdog_units(const BusConfig & config) noexcept {
  return static_cast<std::uint8_t>(std::lround(std::ceil(config.watchdog / kWatchdogUnit)));
}

std::array<std::uint16_t, kReadingWidth> reading_registers() noexcept {
  return {kTorqueEnable,        kHardwareError,       kBusWatchdog,         kPresentVelocity,
          kPresentVelocity + 1, kPresentVelocity + 2, kPresentVelocity + 3, kPresentPosition,
          kPresentPosition + 1, kPresentPosition + 2, kPresentPosition + 3};
}

ServoReading reading_of(const std::uint8_t * data) noexcept {
  return {data[0] != 0, data[1], data[2], get_i32(data + 3), get_i32(data + 7)};
}

double to_position(const ServoConfig & config, std::int32_t ticks) noexcept {
  return (static_cast<double>(ticks) - config.zero) * kRadPerTick * config.ratio;
}

std::int32_t to_ticks(const ServoConfig & config, double position) noexcept {
  const bool extended = config.mode == ServoMode::kExtendedPosition;
  const double ticks = config.zero + position / (kRadPerTick * config.ratio);
  return static_cast<std::int32_t>(std::lround(
      std::clamp(ticks, extended ? -kExtendedTicks : 0.0, extended ? kExtendedTicks : kLastTick)));
}

double to_speed(const ServoConfig & config, std::int32_t units) noexcept {
  return units * kRadPerSecondPerUnit * config.ratio;
}

std::int32_t to_units(const ServoConfig & config, double speed, std::int32_t limit) noexcept {
  const double units = speed / (kRadPerSecondPerUnit * config.ratio);
  return static_cast<std::int32_t>(
      std::lround(std::clamp(units, -static_cast<double>(limit), static_cast<double>(limit))));
}

void AngleCounter::advance(const ServoConfig & config, std::int32_t ticks) noexcept {
  const auto way = static_cast<std::int32_t>(static_cast<std::uint32_t>(ticks) -
                                             static_cast<std::uint32_t>(last_));
  last_ = ticks;
  angle_ += way * kRadPerTick * config.ratio;
}

}  // namespace care_control::dynamixel

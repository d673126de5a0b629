// SPDX-License-Identifier: Apache-2.0
#include "care_control/dynamixel/bus_health.hpp"

#include <algorithm>

namespace care_control::dynamixel {
namespace {

// One garbled answer in five, kept up, is too many.
constexpr int kGarbledWeight = 4;
constexpr int kGarbledLimit = 40;
constexpr std::int64_t kTorqueTime = 150'000'000;  // ns in which a servo must do as told

}  // namespace

BusHealth::BusHealth(const BusConfig & config) noexcept
    : servos_(config.servos.size()),
      silence_ns_(static_cast<std::int64_t>(config.silence * 1e9)),
      watchdog_(watchdog_units(config)) {}

void BusHealth::start(std::int64_t now_ns) noexcept {
  good_ns_ = agreed_ns_ = now_ns;
  had_torque_ = false;
  garbled_ = lost_garbled_ = lost_partial_ = lost_silent_ = 0;
}

Faults BusHealth::judge(Outcome outcome, const Exchange & exchange, bool torque,
                        std::int64_t now_ns) noexcept {
  switch (outcome) {
    case Outcome::kPortLost:
      return {kBusLost, all()};
    case Outcome::kGood:
      good_ns_ = now_ns;
      garbled_ = std::max(0, garbled_ - 1);
      lost_garbled_ = lost_partial_ = lost_silent_ = 0;
      return judge_readings(exchange, torque, now_ns);
    case Outcome::kGarbled:
      garbled_ += kGarbledWeight;
      ++lost_garbled_;
      break;
    case Outcome::kPartial:
      ++lost_partial_;
      break;
    case Outcome::kSilent:
      ++lost_silent_;
      break;
    case Outcome::kNone:
      break;
  }
  if (garbled_ >= kGarbledLimit) {
    return {kBusGarbled, all()};
  }
  return now_ns - good_ns_ > silence_ns_ ? judge_loss(exchange.answered()) : Faults{};
}

Faults BusHealth::judge_readings(const Exchange & exchange, bool torque,
                                 std::int64_t now_ns) noexcept {
  Faults faults;
  std::uint32_t disagree = 0;
  for (std::size_t i = 0; i < servos_; ++i) {
    const ServoReading & one = exchange.readings()[i];
    const std::uint32_t bit = 1U << i;
    if (one.hardware_error != 0) {
      faults.what |= kActuatorOverload;
      faults.who |= bit;
    }
    if (one.watchdog != watchdog_) {
      // Tripped: it has heard nothing from us, and stopped. Else it restarted and is not set up:
      // nothing that it says means what it did.
      faults.what |= one.watchdog == kWatchdogTripped ? kBusLost : kActuatorRefused;
      faults.who |= bit;
    }
    disagree |= one.torque != torque ? bit : 0U;
  }
  if (disagree == 0) {
    agreed_ns_ = now_ns;
    had_torque_ = torque;
  } else if ((torque && had_torque_) || now_ns - agreed_ns_ > kTorqueTime) {
    // Torque that was there and went is not simply given again: somebody should know why.
    faults.what |= kActuatorRefused;
    faults.who |= disagree;
  }
  return faults;
}

Faults BusHealth::judge_loss(std::size_t answered) const noexcept {
  if (lost_partial_ > 0 && lost_partial_ >= std::max(lost_garbled_, lost_silent_) &&
      answered < servos_) {
    return {kActuatorGone, 1U << answered};  // each servo waits for those before it
  }
  return {lost_garbled_ > lost_silent_ ? kBusGarbled : kBusLost, all()};
}

}  // namespace care_control::dynamixel

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "care_control/dynamixel/exchange.hpp"

namespace care_control::dynamixel {

/// Faults as the core knows them.
struct Faults {
  std::uint32_t what = 0;  ///< bits of HardwareFault
  std::uint32_t who = 0;   ///< bit i: servo i
};

/// Judges exchanges: a lost or garbled answer now and then is life, more is a fault.
class BusHealth {
 public:
  explicit BusHealth(const BusConfig & config) noexcept;

  /// Begin anew: all is well for now.
  void start(std::int64_t now_ns) noexcept;

  /// Judge how an exchange ended. @param torque  as it was told.
  Faults judge(Outcome outcome, const Exchange & exchange, bool torque,
               std::int64_t now_ns) noexcept;

 private:
  Faults judge_readings(const Exchange & exchange, bool torque, std::int64_t now_ns) noexcept;
  Faults judge_loss(std::size_t answered) const noexcept;
  std::uint32_t all() const noexcept { return (1U << servos_) - 1; }

  std::size_t servos_;
  std::int64_t silence_ns_;
  std::uint8_t watchdog_;  // as every servo was set up
  bool had_torque_ = false;
  std::int64_t good_ns_ = 0;
  std::int64_t agreed_ns_ = 0;  // when every servo's torque was last as told
  int garbled_ = 0;             // weighed: up with each garbled answer, down with each good one
  int lost_garbled_ = 0;        // of the exchanges since the last good one
  int lost_partial_ = 0;
  int lost_silent_ = 0;
};

}  // namespace care_control::dynamixel

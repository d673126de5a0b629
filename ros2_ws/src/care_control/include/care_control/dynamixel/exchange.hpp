// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "care_control/dynamixel/byte_port.hpp"
#include "care_control/dynamixel/servo.hpp"
#include "care_control/dynamixel/status_parser.hpp"

namespace care_control::dynamixel {

/// What the servos are to do, in their own units.
struct Goals {
  bool torque = false;
  std::array<std::int32_t, kMaxServos> value{};  ///< speed or position, as the mode says
};

/// What a command means for the servos. Those without torque are told to stay where they are, so
/// that switching torque on moves nothing; a number that is none means standing still.
Goals goals_of(const HardwareCommand & command, const BusConfig & config, const Readings & readings,
               const std::array<std::int32_t, kMaxServos> & velocity_limit) noexcept;

/// How an exchange ended.
enum class Outcome : std::uint8_t {
  kNone,      ///< nothing ended now
  kGood,      ///< all servos answered
  kSilent,    ///< nobody answered
  kPartial,   ///< the answer broke off: the next servo is missing
  kGarbled,   ///< something came that is no answer
  kPortLost,  ///< the port is gone
};

/// Take apart a fast answer of these servos; false when it is none.
bool take_apart(const Status & status, const std::uint8_t * ids, std::size_t servos,
                Readings & readings) noexcept;

/// One question to all servos at a time: goals by sync writes, then one fast sync read.
/// Never blocks; one caller.
class Exchange {
 public:
  /// The configuration must outlive this.
  explicit Exchange(const BusConfig & config) noexcept;

  /// Begin anew, with nothing under way and the servos as they were found.
  void start(BytePort & port, const Readings & readings) noexcept;

  /// Tell whether the next question is due.
  bool due(std::int64_t now_ns) const noexcept { return !waiting_ && now_ns >= next_ns_; }

  /// Tell the goals and ask; false when the port takes nothing now: the next time says it again.
  bool ask(std::int64_t now_ns, BytePort & port, const Goals & goals) noexcept;

  /// Take in what has come. @return how the exchange ended, if it did.
  Outcome listen(std::int64_t now_ns, BytePort & port) noexcept;

  /// Torque off for all, whatever is under way: what is said meanwhile is lost.
  void torque_off(BytePort & port) noexcept;

  const Readings & readings() const noexcept { return readings_; }
  std::size_t answered() const noexcept { return answered_; }  ///< servos, in the last exchange
  std::int64_t asked_ns() const noexcept { return asked_ns_; }
  std::int64_t longest_ns() const noexcept { return longest_ns_; }  ///< good exchange ever
  std::uint64_t garbled() const noexcept { return parser_.garbled(); }

 private:
  void add_torque(bool on) noexcept;
  void add_goals(const Goals & goals) noexcept;
  bool torque_differs(bool wanted) const noexcept;
  bool take(const Status & status) noexcept;
  Outcome give_up() noexcept;

  const BusConfig & config_;
  Ids ids_;
  std::size_t servos_;
  std::int64_t period_ns_;
  std::int64_t timeout_ns_;
  Outbox outbox_;
  StatusParser parser_;
  Readings readings_{};
  std::uint64_t garbled_before_ = 0;
  std::size_t answered_ = 0;
  std::size_t heard_ = 0;  // bytes since the question
  std::int64_t next_ns_ = 0;
  std::int64_t asked_ns_ = 0;
  std::int64_t longest_ns_ = 0;
  bool waiting_ = false;
};

}  // namespace care_control::dynamixel

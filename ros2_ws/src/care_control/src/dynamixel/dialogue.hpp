// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "care_control/dynamixel/byte_port.hpp"
#include "care_control/dynamixel/exchange.hpp"
#include "care_control/dynamixel/packet.hpp"
#include "care_control/dynamixel/status_parser.hpp"

namespace care_control::dynamixel {

/// Questions to one servo at a time, each waited for and repeated a few times.
class Dialogue {
 public:
  explicit Dialogue(BytePort & port) : port_(port) {}

  /// How a question ended.
  enum class Answer : std::uint8_t { kDone, kRefused, kSilent, kPortLost };

  Answer ping(std::uint8_t id);
  Answer reboot(std::uint8_t id);
  Answer read(std::uint8_t id, std::uint16_t address, std::uint8_t * bytes, std::size_t count);
  Answer write(std::uint8_t id, std::uint16_t address, const std::uint8_t * bytes,
               std::size_t count);

  /// Ask all servos for their readings at once.
  Answer read_all(const BusConfig & config, Readings & readings);

  /// Write a register that wears out only where it differs; `count` 1, 2 or 4 bytes.
  Answer settle(std::uint16_t address, std::uint8_t id, const std::uint8_t * bytes,
                std::size_t count);

 private:
  Answer ask(std::uint8_t id, Status & status, int tries);

  BytePort & port_;
  Outbox outbox_;
  StatusParser parser_;
};

}  // namespace care_control::dynamixel

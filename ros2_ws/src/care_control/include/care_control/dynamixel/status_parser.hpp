// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "care_control/dynamixel/packet.hpp"

namespace care_control::dynamixel {

/// A status packet whose checksum was right. Valid until the parser is touched again.
struct Status {
  std::uint8_t id = 0;
  std::uint8_t error = 0;               ///< bit 7: a hardware error stands; else why it was refused
  const std::uint8_t * data = nullptr;  ///< unstuffed, except in a fast answer, which never is
  std::size_t size = 0;
};

/// Finds status packets in whatever comes from the port, in fixed memory.
///
/// Nothing that is fed can break it: what is no packet is skipped, one byte at a time, so that a
/// packet that begins inside of a false one is found all the same.
class StatusParser {
 public:
  /// Forget what has come.
  void clear() noexcept;

  /// Take in bytes; of more than fit, the oldest are dropped.
  void feed(const std::uint8_t * bytes, std::size_t count) noexcept;

  /// Find the next packet; false when there is none complete.
  bool next(Status & status) noexcept;

  /// What stands unparsed, e.g. a packet that broke off.
  const std::uint8_t * rest() const noexcept { return bytes_.data() + begin_; }
  std::size_t rest_size() const noexcept { return end_ - begin_; }

  std::uint64_t garbled() const noexcept { return garbled_; }  ///< wrong checksums ever
  std::uint64_t skipped() const noexcept { return skipped_; }  ///< bytes of no packet ever

 private:
  enum class Look : std::uint8_t { kNothing, kPacket, kMore };
  Look look() noexcept;
  void skip(std::size_t count) noexcept;
  void deliver(Status & status) noexcept;

  std::array<std::uint8_t, 2 * kMaxPacket> bytes_{};
  std::array<std::uint8_t, kMaxPacket> body_{};
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t garbled_ = 0;
  std::uint64_t skipped_ = 0;
};

/// Blocks of a fast answer: an error byte, an id, `width` bytes and a checksum of all so far.
constexpr std::size_t block_size(std::size_t width) {
  return width + 2 + kChecksum;
}

/// How many servos, of those asked and in that order, have answered in `bytes`, which may break
/// off: each block carries the checksum of all before it.
std::size_t answered(const std::uint8_t * bytes, std::size_t count, const std::uint8_t * ids,
                     std::size_t servos, std::size_t width) noexcept;

}  // namespace care_control::dynamixel

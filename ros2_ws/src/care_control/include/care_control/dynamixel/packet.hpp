// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace care_control::dynamixel {

constexpr std::size_t kMaxPacket = 256;    ///< bytes on the wire; ours are far shorter
constexpr std::size_t kMaxServos = 8;      ///< on one bus
constexpr std::uint8_t kBroadcast = 0xFE;  ///< every servo listens; also the id of a fast answer
constexpr std::size_t kHead = 7;           ///< FF FF FD 00, id, length in two bytes
constexpr std::size_t kChecksum = 2;

/// Protocol 2.0, as far as it is used here.
enum class Instruction : std::uint8_t {
  kPing = 0x01,
  kRead = 0x02,
  kWrite = 0x03,
  kReboot = 0x08,
  kStatus = 0x55,
  kSyncWrite = 0x83,
  kFastSyncRead = 0x8A,
};

/// CRC-16 with polynomial 0x8005, most significant bit first; `start` goes on from earlier bytes.
std::uint16_t crc16(const std::uint8_t * bytes, std::size_t count,
                    std::uint16_t start = 0) noexcept;

/// Numbers on the wire are little-endian.
void put_u16(std::uint8_t * out, std::uint16_t value) noexcept;
void put_i32(std::uint8_t * out, std::int32_t value) noexcept;
std::uint16_t get_u16(const std::uint8_t * in) noexcept;
std::int32_t get_i32(const std::uint8_t * in) noexcept;

/// Instruction packets to be sent in one go, in fixed memory.
class Outbox {
 public:
  void clear() noexcept;

  /// Append a packet; false when it does not fit, nothing is appended then.
  bool packet(std::uint8_t id, Instruction instruction, const std::uint8_t * parameters,
              std::size_t count) noexcept;

  bool ping(std::uint8_t id) noexcept { return packet(id, Instruction::kPing, nullptr, 0); }
  bool reboot(std::uint8_t id) noexcept { return packet(id, Instruction::kReboot, nullptr, 0); }
  bool read(std::uint8_t id, std::uint16_t address, std::uint16_t count) noexcept;
  bool write(std::uint8_t id, std::uint16_t address, const std::uint8_t * bytes,
             std::size_t count) noexcept;

  /// The same registers of several servos; no answer comes.
  /// @param bytes  `width` of each servo, one after the other.
  bool sync_write(std::uint16_t address, std::uint16_t width, const std::uint8_t * ids,
                  const std::uint8_t * bytes, std::size_t servos) noexcept;

  /// Ask several servos for the same registers; one packet answers for all.
  bool fast_sync_read(std::uint16_t address, std::uint16_t width, const std::uint8_t * ids,
                      std::size_t servos) noexcept;

  const std::uint8_t * data() const noexcept { return bytes_.data(); }
  std::size_t size() const noexcept { return size_; }

 private:
  std::array<std::uint8_t, 3 * kMaxPacket> bytes_{};
  std::size_t size_ = 0;
};

}  // namespace care_control::dynamixel

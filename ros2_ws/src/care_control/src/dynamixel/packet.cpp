// SPDX-License-Identifier: Apache-2.0
#include "care_control/dynamixel/packet.hpp"

#include <algorithm>

namespace care_control::dynamixel {
namespace {

constexpr std::array<std::uint16_t, 256> crc_table() {
  std::array<std::uint16_t, 256> table{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    unsigned value = byte << 8U;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 0x8000U) != 0 ? value << 1U ^ 0x8005U : value << 1U;
    }
    table[byte] = static_cast<std::uint16_t>(value);
  }
  return table;
}

constexpr auto kTable = crc_table();
constexpr std::array<std::uint8_t, 4> kHeader{0xFF, 0xFF, 0xFD, 0x00};

/// Copies the body of a packet and breaks up what looks like a header in it.
class Stuffer {
 public:
  Stuffer(std::uint8_t * out, std::size_t room) : out_(out), room_(room) {}

  void put(std::uint8_t byte) noexcept {
    raw(byte);
    if (byte == 0xFF) {
      ones_ = std::min(ones_ + 1, 2);
      return;
    }
    if (ones_ == 2 && byte == 0xFD) {
      raw(0xFD);
    }
    ones_ = 0;
  }
  std::size_t size() const noexcept { return size_; }
  bool fits() const noexcept { return size_ <= room_; }

 private:
  void raw(std::uint8_t byte) noexcept {
    if (size_ < room_) {
      out_[size_] = byte;
    }
    ++size_;
  }

  std::uint8_t * out_;
  std::size_t room_;
  std::size_t size_ = 0;
  int ones_ = 0;  // FF in a row, as far as they matter
};

}  // namespace

std::uint16_t crc16(const std::uint8_t * bytes, std::size_t count, std::uint16_t start) noexcept {
  unsigned crc = start;
  for (std::size_t i = 0; i < count; ++i) {
    crc = (crc << 8U ^ kTable[(crc >> 8U ^ bytes[i]) & 0xFFU]) & 0xFFFFU;
  }
  return static_cast<std::uint16_t>(crc);
}

void put_u16(std::uint8_t * out, std::uint16_t value) noexcept {
  out[0] = static_cast<std::uint8_t>(value & 0xFFU);
  out[1] = static_cast<std::uint8_t>(value >> 8U);
}

void put_i32(std::uint8_t * out, std::int32_t value) noexcept {
  const auto bits = static_cast<std::uint32_t>(value);
  put_u16(out, static_cast<std::uint16_t>(bits & 0xFFFFU));
  put_u16(out + 2, static_cast<std::uint16_t>(bits >> 16U));
}

std::uint16_t get_u16(const std::uint8_t * in) noexcept {
  return static_cast<std::uint16_t>(in[0] | in[1] << 8U);
}

std::int32_t get_i32(const std::uint8_t * in) noexcept {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(get_u16(in)) |
                                   static_cast<std::uint32_t>(get_u16(in + 2)) << 16U);
}

void Outbox::clear() noexcept {
  size_ = 0;
}

bool Outbox::packet(std::uint8_t id, Instruction instruction, const std::uint8_t * parameters,
                    std::size_t count) noexcept {
  if (bytes_.size() - size_ < kHead + kChecksum) {
    return false;
  }
  std::uint8_t * const begin = bytes_.data() + size_;
  const std::size_t room = std::min(kMaxPacket, bytes_.size() - size_) - kHead - kChecksum;
  Stuffer body(begin + kHead, room);
  body.put(static_cast<std::uint8_t>(instruction));
  for (std::size_t i = 0; i < count; ++i) {
    body.put(parameters[i]);
  }
  if (!body.fits()) {
    return false;
  }
  std::copy(kHeader.begin(), kHeader.end(), begin);
  begin[4] = id;
  put_u16(begin + 5, static_cast<std::uint16_t>(body.size() + kChecksum));
  const std::size_t checked = kHead + body.size();
  put_u16(begin + checked, crc16(begin, checked));
  size_ += checked + kChecksum;
  return true;
}

bool Outbox::read(std::uint8_t id, std::uint16_t address, std::uint16_t count) noexcept {
  std::array<std::uint8_t, 4> parameters{};
  put_u16(parameters.data(), address);
  put_u16(parameters.data() + 2, count);
  return packet(id, Instruction::kRead, parameters.data(), parameters.size());
}

bool Outbox::write(std::uint8_t id, std::uint16_t address, const std::uint8_t * bytes,
                   std::size_t count) noexcept {
  std::array<std::uint8_t, kMaxPacket> parameters{};
  if (count + 2 > parameters.size()) {
    return false;
  }
  put_u16(parameters.data(), address);
  std::copy(bytes, bytes + count, parameters.begin() + 2);
  return packet(id, Instruction::kWrite, parameters.data(), count + 2);
}

bool Outbox::sync_write(std::uint16_t address, std::uint16_t width, const std::uint8_t * ids,
                        const std::uint8_t * bytes, std::size_t servos) noexcept {
  std::array<std::uint8_t, kMaxPacket> parameters{};
  if (servos == 0 || 4 + servos * (width + 1U) > parameters.size()) {
    return false;
  }
  put_u16(parameters.data(), address);
  put_u16(parameters.data() + 2, width);
  std::uint8_t * out = parameters.data() + 4;
  for (std::size_t i = 0; i < servos; ++i) {
    *out++ = ids[i];
    out = std::copy(bytes + i * width, bytes + (i + 1) * width, out);
  }
  const auto count = static_cast<std::size_t>(out - parameters.data());
  return packet(kBroadcast, Instruction::kSyncWrite, parameters.data(), count);
}

bool Outbox::fast_sync_read(std::uint16_t address, std::uint16_t width, const std::uint8_t * ids,
                            std::size_t servos) noexcept {
  std::array<std::uint8_t, 4 + kMaxServos> parameters{};
  if (servos == 0 || servos > kMaxServos) {
    return false;
  }
  put_u16(parameters.data(), address);
  put_u16(parameters.data() + 2, width);
  std::copy(ids, ids + servos, parameters.begin() + 4);
  return packet(kBroadcast, Instruction::kFastSyncRead, parameters.data(), 4 + servos);
}

}  // namespace care_control::dynamixel

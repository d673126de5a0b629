// SPDX-License-Identifier: Apache-2.0
#include "care_control/dynamixel/status_parser.hpp"

#include <algorithm>

namespace care_control::dynamixel {
namespace {

constexpr std::array<std::uint8_t, 4> kHeader{0xFF, 0xFF, 0xFD, 0x00};
constexpr std::size_t kShortest = 4;  // length field: instruction, error, checksum
constexpr std::uint8_t kLastId = 0xFC;

/// How much of FF FF FD has been seen, one byte on.
std::size_t advance(std::size_t matched, std::uint8_t byte) noexcept {
  if (byte == 0xFF) {
    return matched == 1 || matched == 2 ? 2 : 1;
  }
  return matched == 2 && byte == 0xFD ? 3 : 0;
}

bool is_status(std::uint8_t byte) noexcept {
  return byte == static_cast<std::uint8_t>(Instruction::kStatus);
}

}  // namespace

void StatusParser::clear() noexcept {
  begin_ = end_ = 0;
}

void StatusParser::feed(const std::uint8_t * bytes, std::size_t count) noexcept {
  if (count > bytes_.size()) {
    skipped_ += count - bytes_.size();
    bytes += count - bytes_.size();
    count = bytes_.size();
  }
  if (count > bytes_.size() - end_) {
    const std::size_t kept = std::min(end_ - begin_, bytes_.size() - count);
    skipped_ += end_ - begin_ - kept;
    std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(end_ - kept),
              bytes_.begin() + static_cast<std::ptrdiff_t>(end_), bytes_.begin());
    begin_ = 0;
    end_ = kept;
  }
  std::copy(bytes, bytes + count, bytes_.begin() + static_cast<std::ptrdiff_t>(end_));
  end_ += count;
}

bool StatusParser::next(Status & status) noexcept {
  while (true) {
    switch (look()) {
      case Look::kPacket:
        deliver(status);
        return true;
      case Look::kMore:
        return false;
      case Look::kNothing:
        skip(1);
    }
  }
}

StatusParser::Look StatusParser::look() noexcept {
  const std::size_t count = end_ - begin_;
  const std::uint8_t * const at = rest();
  for (std::size_t i = 0; i < std::min(count, kHeader.size()); ++i) {
    if (at[i] != kHeader[i]) {
      return Look::kNothing;
    }
  }
  if (count <= kHead) {
    return Look::kMore;
  }
  const std::size_t length = get_u16(at + 5);
  const bool plausible = (at[4] <= kLastId || at[4] == kBroadcast) && length >= kShortest &&
                         kHead + length <= kMaxPacket && is_status(at[kHead]);
  if (!plausible) {
    return Look::kNothing;
  }
  if (count < kHead + length) {
    return Look::kMore;
  }
  const std::size_t checked = kHead + length - kChecksum;
  if (crc16(at, checked) != get_u16(at + checked)) {
    ++garbled_;
    return Look::kNothing;
  }
  return Look::kPacket;
}

void StatusParser::skip(std::size_t count) noexcept {
  begin_ += count;
  skipped_ += count;
}

void StatusParser::deliver(Status & status) noexcept {
  const std::uint8_t * const at = rest();
  const std::size_t length = get_u16(at + 5);
  const bool stuffed = at[4] != kBroadcast;
  std::size_t matched = 0;
  std::size_t size = 0;
  for (std::size_t i = kHead + 1; i < kHead + length - kChecksum; ++i) {
    if (stuffed && matched == 3 && at[i] == 0xFD) {
      matched = 0;
      continue;
    }
    body_[size++] = at[i];
    matched = advance(matched, at[i]);
  }
  status.id = at[4];
  status.error = body_[0];
  status.data = body_.data() + 1;
  status.size = size - 1;
  begin_ += kHead + length;
}

std::size_t answered(const std::uint8_t * bytes, std::size_t count, const std::uint8_t * ids,
                     std::size_t servos, std::size_t width) noexcept {
  std::size_t at = kHead + 1;
  if (count < at || !std::equal(kHeader.begin(), kHeader.end(), bytes) || bytes[4] != kBroadcast ||
      !is_status(bytes[kHead])) {
    return 0;
  }
  for (std::size_t i = 0; i < servos; ++i, at += block_size(width)) {
    const std::size_t checked = at + block_size(width) - kChecksum;
    if (count < checked + kChecksum || bytes[at + 1] != ids[i] ||
        crc16(bytes, checked) != get_u16(bytes + checked)) {
      return i;
    }
  }
  return servos;
}

}  // namespace care_control::dynamixel

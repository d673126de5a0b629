// SPDX-License-Identifier: Apache-2.0
// Whatever comes from a serial port: the parser stays within its memory, tells nothing that a
// checksum does not cover, and says the same however the bytes are cut.
#include <algorithm>
#include <cstdlib>

#include "care_control/dynamixel/exchange.hpp"
#include "care_control/dynamixel/status_parser.hpp"
#include "fuzz_driver.hpp"

namespace {

using namespace care_control::dynamixel;
using care_control::Bytes;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

/// All that a parser finds, one packet after the other, as bytes.
Bytes found(const std::uint8_t * data, std::size_t size, std::size_t piece) {
  StatusParser parser;
  Bytes all;
  for (std::size_t at = 0; at < size; at += piece) {
    parser.feed(data + at, std::min(piece, size - at));
    Status status;
    while (parser.next(status)) {
      require(status.size <= kMaxPacket);
      all.push_back(status.id);
      all.push_back(status.error);
      all.insert(all.end(), status.data, status.data + status.size);
    }
    require(parser.rest_size() <= 2 * kMaxPacket);
  }
  return all;
}

/// A port from which these bytes come, some at a time.
class Played : public BytePort {
 public:
  Played(const std::uint8_t * data, std::size_t size) : data_(data), size_(size) {}
  std::ptrdiff_t read(std::uint8_t * bytes, std::size_t room) noexcept override {
    const std::size_t count = std::min({room, size_, std::size_t{17}});
    std::copy(data_, data_ + count, bytes);
    data_ += count;
    size_ -= count;
    return static_cast<std::ptrdiff_t>(count);
  }
  bool write(const std::uint8_t *, std::size_t) noexcept override { return true; }
  void flush() noexcept override {}
  void wait(int) noexcept override {}
  bool empty() const { return size_ == 0; }

 private:
  const std::uint8_t * data_;
  std::size_t size_;
};

const BusConfig & config() {
  static const BusConfig kConfig = [] {
    BusConfig made;
    made.servos = {{1}, {2}, {3, ServoMode::kPosition}};
    return made;
  }();
  return kConfig;
}

void exchange(const std::uint8_t * data, std::size_t size) {
  Played port(data, size);
  Exchange exchange(config());
  exchange.start(port, {});
  for (std::int64_t now = 0; !port.empty(); now += 1'000'000) {
    if (exchange.due(now)) {
      exchange.ask(now, port, {});
    }
    exchange.listen(now, port);
    require(exchange.answered() <= config().servos.size());
  }
}

Bytes fast_answer() {
  Bytes packet{0xFF, 0xFF, 0xFD, 0x00, 0xFE, 0x2E, 0x00, 0x55};
  for (std::uint8_t id = 1; id <= 3; ++id) {
    packet.insert(packet.end(), {0, id, 1, 0, 5, 0xFF, 0xFF, 0xFD, 0, 9, 8, 7, 6});
    const std::uint16_t crc = crc16(packet.data(), packet.size());
    packet.push_back(static_cast<std::uint8_t>(crc & 0xFFU));
    packet.push_back(static_cast<std::uint8_t>(crc >> 8U));
  }
  return packet;
}

Bytes stuffed_answer() {
  Bytes packet{0xFF, 0xFF, 0xFD, 0x00, 0x01, 0x0B, 0x00, 0x55,
               0x00, 0xFF, 0xFF, 0xFD, 0xFD, 0x00, 0xA6, 0x00};
  const std::uint16_t crc = crc16(packet.data(), packet.size());
  packet.push_back(static_cast<std::uint8_t>(crc & 0xFFU));
  packet.push_back(static_cast<std::uint8_t>(crc >> 8U));
  return packet;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t * data, std::size_t size) {
  // In small pieces nothing is ever dropped for want of room, nor in one piece up to that room.
  if (size <= 2 * kMaxPacket) {
    require(found(data, size, 1) == found(data, size, std::max<std::size_t>(size, 1)));
  }
  found(data, size, 300);
  exchange(data, size);
  Ids ids{1, 2, 3};
  require(answered(data, size, ids.data(), 3, kReadingWidth) <= 3);
  return 0;
}

#ifndef CARE_LIBFUZZER
int main(int argc, char ** argv) {
  Bytes both = fast_answer();
  const Bytes stuffed = stuffed_answer();
  require(!found(both.data(), both.size(), 5).empty());
  require(!found(stuffed.data(), stuffed.size(), 5).empty());
  both.insert(both.end(), stuffed.begin(), stuffed.end());
  return care_control::fuzz(argc, argv, {fast_answer(), stuffed, both});
}
#endif

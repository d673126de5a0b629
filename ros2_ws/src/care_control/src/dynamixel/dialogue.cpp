// SPDX-License-Identifier: Apache-2.0
#include "dialogue.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace care_control::dynamixel {
namespace {

constexpr int kTries = 3;
constexpr std::chrono::milliseconds kPatience{50};  // a slow USB adapter takes 16 ms and more
constexpr std::uint8_t kErrorNumber = 0x7F;         // the highest bit tells of a hardware error

}  // namespace

Dialogue::Answer Dialogue::ping(std::uint8_t id) {
  outbox_.clear();
  outbox_.ping(id);
  Status status;
  return ask(id, status, kTries);
}

Dialogue::Answer Dialogue::reboot(std::uint8_t id) {
  outbox_.clear();
  outbox_.reboot(id);
  Status status;
  return ask(id, status, 1);
}

Dialogue::Answer Dialogue::read(std::uint8_t id, std::uint16_t address, std::uint8_t * bytes,
                                std::size_t count) {
  outbox_.clear();
  outbox_.read(id, address, static_cast<std::uint16_t>(count));
  Status status;
  const Answer answer = ask(id, status, kTries);
  if (answer == Answer::kDone) {
    if (status.size != count) {
      return Answer::kRefused;
    }
    std::copy(status.data, status.data + count, bytes);
  }
  return answer;
}

Dialogue::Answer Dialogue::write(std::uint8_t id, std::uint16_t address, const std::uint8_t * bytes,
                                 std::size_t count) {
  outbox_.clear();
  outbox_.write(id, address, bytes, count);
  Status status;
  return ask(id, status, kTries);
}

Dialogue::Answer Dialogue::read_all(const BusConfig & config, Readings & readings) {
  const Ids ids = ids_of(config);
  outbox_.clear();
  outbox_.fast_sync_read(kIndirectData, kReadingWidth, ids.data(), config.servos.size());
  Status status;
  const Answer answer = ask(kBroadcast, status, kTries);
  if (answer == Answer::kDone && !take_apart(status, ids.data(), config.servos.size(), readings)) {
    return Answer::kRefused;
  }
  return answer;
}

Dialogue::Answer Dialogue::settle(std::uint16_t address, std::uint8_t id,
                                  const std::uint8_t * bytes, std::size_t count) {
  std::array<std::uint8_t, kMaxPacket> present{};
  const Answer answer = read(id, address, present.data(), count);
  if (answer != Answer::kDone || std::equal(bytes, bytes + count, present.begin())) {
    return answer;
  }
  return write(id, address, bytes, count);
}

Dialogue::Answer Dialogue::ask(std::uint8_t id, Status & status, int tries) {
  using Clock = std::chrono::steady_clock;
  for (int i = 0; i < tries; ++i) {
    port_.flush();
    parser_.clear();
    if (!port_.write(outbox_.data(), outbox_.size())) {
      return Answer::kPortLost;
    }
    const auto end = Clock::now() + kPatience;
    while (Clock::now() < end) {
      port_.wait(5);
      std::array<std::uint8_t, kMaxPacket> bytes{};
      const std::ptrdiff_t count = port_.read(bytes.data(), bytes.size());
      if (count < 0) {
        return Answer::kPortLost;
      }
      parser_.feed(bytes.data(), static_cast<std::size_t>(count));
      while (parser_.next(status)) {
        if (status.id == id) {
          return (status.error & kErrorNumber) == 0 ? Answer::kDone : Answer::kRefused;
        }
      }
    }
  }
  return Answer::kSilent;
}

}  // namespace care_control::dynamixel

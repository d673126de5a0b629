// SPDX-License-Identifier: Apache-2.0
#include "care_control/dynamixel/exchange.hpp"

#include <algorithm>
#include <cmath>

namespace care_control::dynamixel {
namespace {

constexpr std::size_t kGoalWidth = 4;

std::int64_t nanoseconds(double seconds) noexcept {
  return static_cast<std::int64_t>(seconds * 1e9);
}

bool is_wheel(const ServoConfig & servo) noexcept {
  return servo.mode == ServoMode::kVelocity;
}

}  // namespace

Goals goals_of(const HardwareCommand & command, const BusConfig & config, const Readings & readings,
               const std::array<std::int32_t, kMaxServos> & velocity_limit) noexcept {
  Goals goals;
  goals.torque = command.torque;
  for (std::size_t i = 0; i < std::min(config.servos.size(), kMaxServos); ++i) {
    const ServoConfig & servo = config.servos[i];
    const double wanted = i == 0   ? command.left_speed
                          : i == 1 ? command.right_speed
                                   : command.joint_position[i - 2];
    const bool stays = !readings[i].torque || !std::isfinite(wanted);
    if (is_wheel(servo)) {
      goals.value[i] = stays ? 0 : to_units(servo, wanted, velocity_limit[i]);
    } else {
      goals.value[i] = stays ? readings[i].position : to_ticks(servo, wanted);
    }
  }
  return goals;
}

bool take_apart(const Status & status, const std::uint8_t * ids, std::size_t servos,
                Readings & readings) noexcept {
  // The first error byte and the last checksum are not among the data.
  constexpr std::size_t kBlock = block_size(kReadingWidth);
  if (status.id != kBroadcast || status.size != servos * kBlock - 1 - kChecksum) {
    return false;
  }
  for (std::size_t i = 0; i < servos; ++i) {
    if (status.data[i * kBlock] != ids[i]) {
      return false;
    }
  }
  for (std::size_t i = 0; i < servos; ++i) {
    readings[i] = reading_of(status.data + i * kBlock + 1);
  }
  return true;
}

Exchange::Exchange(const BusConfig & config) noexcept
    : config_(config),
      ids_(ids_of(config)),
      servos_(std::min(config.servos.size(), kMaxServos)),
      period_ns_(nanoseconds(config.period)),
      timeout_ns_(nanoseconds(config.answer_timeout)) {}

void Exchange::start(BytePort & port, const Readings & readings) noexcept {
  port.flush();
  parser_.clear();
  readings_ = readings;
  answered_ = 0;
  next_ns_ = 0;
  waiting_ = false;
}

bool Exchange::ask(std::int64_t now_ns, BytePort & port, const Goals & goals) noexcept {
  outbox_.clear();
  // What is repeated until the servos say that it is so needs no answer of its own. Goals go
  // before the torque that makes them move, and no torque goes before anything.
  if (!goals.torque && torque_differs(false)) {
    add_torque(false);
  }
  add_goals(goals);
  if (goals.torque && torque_differs(true)) {
    add_torque(true);
  }
  outbox_.fast_sync_read(kIndirectData, kReadingWidth, ids_.data(), servos_);
  parser_.clear();
  garbled_before_ = parser_.garbled();
  heard_ = 0;
  next_ns_ = now_ns + period_ns_;
  if (!port.write(outbox_.data(), outbox_.size())) {
    return false;
  }
  waiting_ = true;
  asked_ns_ = now_ns;
  return true;
}

void Exchange::add_torque(bool on) noexcept {
  std::array<std::uint8_t, kMaxServos> values{};
  values.fill(on ? 1 : 0);
  outbox_.sync_write(kTorqueEnable, 1, ids_.data(), values.data(), servos_);
}

void Exchange::add_goals(const Goals & goals) noexcept {
  for (const bool wheels : {true, false}) {
    Ids ids{};
    std::array<std::uint8_t, kMaxServos * kGoalWidth> values{};
    std::size_t count = 0;
    for (std::size_t i = 0; i < servos_; ++i) {
      if (is_wheel(config_.servos[i]) == wheels) {
        ids[count] = ids_[i];
        put_i32(values.data() + count * kGoalWidth, goals.value[i]);
        ++count;
      }
    }
    outbox_.sync_write(wheels ? kGoalVelocity : kGoalPosition, kGoalWidth, ids.data(),
                       values.data(), count);
  }
}

bool Exchange::torque_differs(bool wanted) const noexcept {
  return std::any_of(readings_.begin(), readings_.begin() + static_cast<std::ptrdiff_t>(servos_),
                     [wanted](const ServoReading & one) { return one.torque != wanted; });
}

Outcome Exchange::listen(std::int64_t now_ns, BytePort & port) noexcept {
  std::array<std::uint8_t, kMaxPacket> bytes{};
  const std::ptrdiff_t count = port.read(bytes.data(), bytes.size());
  if (count < 0) {
    waiting_ = false;
    return Outcome::kPortLost;
  }
  if (!waiting_) {
    return Outcome::kNone;  // what comes unasked is nobody's answer
  }
  heard_ += static_cast<std::size_t>(count);
  parser_.feed(bytes.data(), static_cast<std::size_t>(count));
  Status status;
  while (parser_.next(status)) {
    if (take(status)) {
      waiting_ = false;
      longest_ns_ = std::max(longest_ns_, now_ns - asked_ns_);
      return Outcome::kGood;
    }
  }
  return now_ns - asked_ns_ > timeout_ns_ ? give_up() : Outcome::kNone;
}

bool Exchange::take(const Status & status) noexcept {
  if (!take_apart(status, ids_.data(), servos_, readings_)) {
    return false;
  }
  answered_ = servos_;
  return true;
}

Outcome Exchange::give_up() noexcept {
  waiting_ = false;
  answered_ =
      dynamixel::answered(parser_.rest(), parser_.rest_size(), ids_.data(), servos_, kReadingWidth);
  if (parser_.garbled() != garbled_before_) {
    return Outcome::kGarbled;
  }
  if (answered_ > 0) {
    return Outcome::kPartial;
  }
  return heard_ == 0 ? Outcome::kSilent : Outcome::kGarbled;
}

void Exchange::torque_off(BytePort & port) noexcept {
  outbox_.clear();
  add_torque(false);
  port.write(outbox_.data(), outbox_.size());
  waiting_ = false;
}

}  // namespace care_control::dynamixel

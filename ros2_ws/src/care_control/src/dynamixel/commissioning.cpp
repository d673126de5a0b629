// SPDX-License-Identifier: Apache-2.0
#include "care_control/dynamixel/commissioning.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "dialogue.hpp"

namespace care_control::dynamixel {
namespace {

using Answer = Dialogue::Answer;

constexpr int kRestartTries = 20;  // a servo is back within about half a second
constexpr std::chrono::milliseconds kRestartPause{50};

std::uint32_t fault_of(Answer answer) {
  switch (answer) {
    case Answer::kDone:
      return 0;
    case Answer::kRefused:
      return kActuatorRefused;
    case Answer::kSilent:
      return kActuatorGone;
    case Answer::kPortLost:
      break;
  }
  return kBusLost;
}

/// Sets up one servo, step by step until one fails.
class SetUp {
 public:
  SetUp(Dialogue & dialogue, const ServoConfig & servo, const BusConfig & bus)
      : dialogue_(dialogue), servo_(servo), bus_(bus) {}

  /// @return bits of HardwareFault.
  std::uint32_t run(bool reboot, std::int32_t & velocity_limit) {
    const std::uint32_t fault = find(reboot);
    if (fault != 0) {
      return fault;
    }
    for (const auto step : {&SetUp::release, &SetUp::choose, &SetUp::gather, &SetUp::arm}) {
      if (const Answer answer = (this->*step)(); answer != Answer::kDone) {
        return fault_of(answer);
      }
    }
    std::array<std::uint8_t, 4> limit{};
    const Answer answer = dialogue_.read(servo_.id, kVelocityLimit, limit.data(), limit.size());
    velocity_limit = get_i32(limit.data());
    return fault_of(answer);
  }

 private:
  std::uint32_t find(bool reboot) {
    Answer answer = dialogue_.ping(servo_.id);
    std::uint8_t error = 0;
    if (answer == Answer::kDone) {
      answer = dialogue_.read(servo_.id, kHardwareError, &error, 1);
    }
    if (answer == Answer::kDone && error != 0 && reboot) {
      answer = restart();
      error = 0;
      if (answer == Answer::kDone) {
        answer = dialogue_.read(servo_.id, kHardwareError, &error, 1);
      }
    }
    return answer != Answer::kDone ? fault_of(answer) : error != 0 ? kActuatorOverload : 0U;
  }

  Answer restart() {
    Answer answer = dialogue_.reboot(servo_.id);
    for (int i = 0; answer != Answer::kPortLost && i < kRestartTries; ++i) {
      std::this_thread::sleep_for(kRestartPause);
      answer = dialogue_.ping(servo_.id);
      if (answer == Answer::kDone) {
        break;
      }
    }
    return answer;
  }

  Answer release() {
    // In this order: a tripped watchdog holds a servo that else goes on as it was last told.
    const Answer answer = put(kTorqueEnable, 0);
    return answer == Answer::kDone ? put(kBusWatchdog, 0) : answer;
  }

  Answer choose() {
    // No delay before answers, answers to everything, plain drive mode.
    Answer answer = settle(kReturnDelay, 0);
    for (const auto & [address, value] :
         {Setting{kDriveMode, 0}, Setting{kOperatingMode, static_cast<std::uint8_t>(servo_.mode)},
          Setting{kStatusReturnLevel, 2}}) {
      answer = answer == Answer::kDone ? settle(address, value) : answer;
    }
    // Profiles of the servo's own would fight with those of the core.
    constexpr std::array<std::uint8_t, 8> kNone{};
    return answer == Answer::kDone
               ? dialogue_.write(servo_.id, kProfileAcceleration, kNone.data(), kNone.size())
               : answer;
  }

  Answer gather() {
    std::array<std::uint8_t, 2 * kReadingWidth> addresses{};
    const auto registers = reading_registers();
    for (std::size_t i = 0; i < registers.size(); ++i) {
      put_u16(addresses.data() + 2 * i, registers[i]);
    }
    const Answer answer =
        dialogue_.write(servo_.id, kIndirectAddress, addresses.data(), addresses.size());
    std::array<std::uint8_t, 2 * kReadingWidth> kept{};
    if (answer != Answer::kDone ||
        dialogue_.read(servo_.id, kIndirectAddress, kept.data(), kept.size()) != Answer::kDone) {
      return answer == Answer::kDone ? Answer::kSilent : answer;
    }
    return kept == addresses ? Answer::kDone : Answer::kRefused;
  }

  Answer arm() { return put(kBusWatchdog, watchdog_units(bus_)); }

  struct Setting {
    std::uint16_t address;
    std::uint8_t value;
  };
  Answer put(std::uint16_t address, std::uint8_t value) {
    return dialogue_.write(servo_.id, address, &value, 1);
  }
  Answer settle(std::uint16_t address, std::uint8_t value) {
    return dialogue_.settle(address, servo_.id, &value, 1);
  }

  Dialogue & dialogue_;
  const ServoConfig & servo_;
  const BusConfig & bus_;
};

/// Torque off for all, heard or not.
bool cut(BytePort & port, const BusConfig & config) {
  const Ids ids = ids_of(config);
  constexpr std::array<std::uint8_t, kMaxServos> kOff{};
  Outbox outbox;
  outbox.sync_write(kTorqueEnable, 1, ids.data(), kOff.data(), config.servos.size());
  return port.write(outbox.data(), outbox.size());
}

}  // namespace

Commissioned commission(BytePort & port, const BusConfig & config, bool reboot) {
  Commissioned result;
  const std::uint32_t all = (1U << config.servos.size()) - 1;
  if (!cut(port, config)) {
    result.faults = {kBusLost, all};
    return result;
  }
  Dialogue dialogue(port);
  std::uint32_t gone = 0;
  for (std::size_t i = 0; i < config.servos.size(); ++i) {
    SetUp set_up(dialogue, config.servos[i], config);
    const std::uint32_t fault = set_up.run(reboot, result.velocity_limit[i]);
    if ((fault & kBusLost) != 0) {
      result.faults = {kBusLost, all};
      return result;
    }
    result.faults.what |= fault;
    result.faults.who |= fault != 0 ? 1U << i : 0U;
    gone |= fault == kActuatorGone ? 1U << i : 0U;
  }
  if (gone == all) {  // no servo at all: the cable, the adapter or the supply
    result.faults.what = kBusLost;
  }
  if (result.faults.what == 0 && dialogue.read_all(config, result.readings) != Answer::kDone) {
    result.faults = {kActuatorRefused, all};  // firmware too old for fast sync read
  }
  return result;
}

void release(BytePort & port, const BusConfig & config) {
  cut(port, config);
  Dialogue dialogue(port);
  constexpr std::uint8_t kOff = 0;
  for (const ServoConfig & servo : config.servos) {
    if (dialogue.write(servo.id, kTorqueEnable, &kOff, 1) == Answer::kPortLost) {
      return;
    }
  }
}

}  // namespace care_control::dynamixel

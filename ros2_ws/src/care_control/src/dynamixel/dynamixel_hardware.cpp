// SPDX-License-Identifier: Apache-2.0
#include "care_control/dynamixel/dynamixel_hardware.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "care_control/fault_words.hpp"

namespace care_control::dynamixel {
namespace {

constexpr std::chrono::milliseconds kPause{100};  // of the keeper between attempts
constexpr double kLongestGuess = 0.02;            // [s] that angles go on between readings

BusConfig checked(BusConfig config) {
  if (const std::string fault = fault_of(config); !fault.empty()) {
    throw std::invalid_argument(fault);
  }
  return config;
}

}  // namespace

DynamixelHardware::DynamixelHardware(BusConfig config)
    : config_(checked(std::move(config))), exchange_(config_), health_(config_) {
  set_faults({kBusLost, (1U << config_.servos.size()) - 1});
}

DynamixelHardware::~DynamixelHardware() {
  if (keeper_.joinable()) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ends_ = true;
    }
    ending_.notify_all();
    keeper_.join();
  }
  if (port_.is_open()) {
    release(port_, config_);
  }
}

std::string DynamixelHardware::open() {
  if (!keeper_.joinable()) {
    attempt();
    keeper_ = std::thread([this] { keep(); });
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  return trouble_;
}

void DynamixelHardware::keep() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!ending_.wait_for(lock, kPause, [this] { return ends_; })) {
    if (owner_.load(std::memory_order_acquire) == Owner::kKeeper) {
      lock.unlock();
      attempt();
      lock.lock();
    }
  }
}

bool DynamixelHardware::attempt() {
  const auto tell = [this](const std::string & trouble) {
    const std::lock_guard<std::mutex> lock(mutex_);
    trouble_ = trouble;
  };
  if (!port_.is_open()) {
    if (const std::string trouble = port_.open(config_.port, config_.baud); !trouble.empty()) {
      tell(trouble);
      set_faults({kBusLost, (1U << config_.servos.size()) - 1});
      return false;
    }
  }
  found_ = commission(port_, config_, reset_asked_.exchange(false));
  set_faults(found_.faults);
  if (found_.faults.what != 0) {
    if ((found_.faults.what & kBusLost) != 0) {
      port_.close();  // an adapter that was pulled out comes back as another file
    }
    tell(words_of_faults(found_.faults.what, found_.faults.who));
    return false;
  }
  tell("");
  owner_.store(Owner::kLoop, std::memory_order_release);
  return true;
}

void DynamixelHardware::set_faults(const Faults & faults) noexcept {
  faults_.store(faults.what | static_cast<std::uint64_t>(faults.who) << 32U);
}

void DynamixelHardware::read(std::int64_t now_ns, double, HardwareState & state) noexcept {
  state.wheels.valid = false;
  if (owner_.load(std::memory_order_acquire) != Owner::kLoop) {
    report(state);
    return;
  }
  if (!holding_) {
    begin(now_ns);
  }
  const Outcome outcome = exchange_.listen(now_ns, port_);
  const Faults faults = health_.judge(outcome, exchange_, told_torque_, now_ns);
  if (faults.what != 0) {
    give_up(faults);
    state.faults = faults.what;
    state.actuator = faults.who;
    return;
  }
  if (outcome == Outcome::kGood) {
    take_readings();
  }
  fill(now_ns, state);
}

void DynamixelHardware::begin(std::int64_t now_ns) noexcept {
  holding_ = true;
  told_torque_ = false;
  read_ns_ = now_ns;
  exchange_.start(port_, found_.readings);
  health_.start(now_ns);
  for (std::size_t i = 0; i < wheels_.size(); ++i) {
    wheels_[i].rebase(found_.readings[i].position);  // a restarted servo counts from elsewhere
  }
}

void DynamixelHardware::give_up(const Faults & faults) noexcept {
  exchange_.torque_off(port_);
  holding_ = false;
  reset_asked_.store(false);  // a reset before the fault does not count for it
  set_faults(faults);
  owner_.store(Owner::kKeeper, std::memory_order_release);
}

void DynamixelHardware::take_readings() noexcept {
  for (std::size_t i = 0; i < wheels_.size(); ++i) {
    wheels_[i].advance(config_.servos[i], exchange_.readings()[i].position);
  }
  read_ns_ = exchange_.asked_ns();
}

void DynamixelHardware::fill(std::int64_t now_ns, HardwareState & state) const noexcept {
  // Between readings the wheels go on as they went: else the base would seem to stand and jump.
  const double age = std::clamp(static_cast<double>(now_ns - read_ns_) * 1e-9, 0.0, kLongestGuess);
  const auto & readings = exchange_.readings();
  Wheels & wheels = state.wheels;
  wheels.left_speed = to_speed(config_.servos[0], readings[0].velocity);
  wheels.right_speed = to_speed(config_.servos[1], readings[1].velocity);
  wheels.left_angle = wheels_[0].angle() + wheels.left_speed * age;
  wheels.right_angle = wheels_[1].angle() + wheels.right_speed * age;
  wheels.valid = true;
  for (std::size_t i = 2; i < config_.servos.size(); ++i) {
    state.joints[i - 2] = {to_position(config_.servos[i], readings[i].position),
                           to_speed(config_.servos[i], readings[i].velocity), true};
  }
}

void DynamixelHardware::report(HardwareState & state) const noexcept {
  const std::uint64_t faults = faults_.load();
  state.faults = static_cast<std::uint32_t>(faults);
  state.actuator = static_cast<std::uint32_t>(faults >> 32U);
}

void DynamixelHardware::write(std::int64_t now_ns, double,
                              const HardwareCommand & command) noexcept {
  if (!holding_ || !exchange_.due(now_ns)) {
    return;
  }
  told_torque_ = command.torque;
  exchange_.ask(now_ns, port_,
                goals_of(command, config_, exchange_.readings(), found_.velocity_limit));
}

}  // namespace care_control::dynamixel

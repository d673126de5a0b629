// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "care_control/dynamixel/bus_health.hpp"
#include "care_control/dynamixel/commissioning.hpp"
#include "care_control/dynamixel/exchange.hpp"
#include "care_control/dynamixel/serial_port.hpp"
#include "care_control/dynamixel/servo.hpp"
#include "care_control/hardware.hpp"

namespace care_control::dynamixel {

/// Servos on a serial port as the robot's wheels and joints.
///
/// The port has one owner at a time. While all is well that is the control thread, which asks and
/// listens without ever waiting. On a fault it takes the torque away and hands the port over to a
/// thread that may wait: this one opens it again, finds the servos, sets them up and hands it
/// back. Servos that have shut down are restarted only when a person asks for a reset.
class DynamixelHardware final : public HardwareInterface {
 public:
  /// @throws std::invalid_argument for a configuration that cannot work.
  explicit DynamixelHardware(BusConfig config);
  /// Takes the torque away. The control thread must have ended.
  ~DynamixelHardware() override;
  DynamixelHardware(const DynamixelHardware &) = delete;
  DynamixelHardware & operator=(const DynamixelHardware &) = delete;

  /// Open the port and set up the servos; blocks. @return what failed, empty when nothing did.
  /// It is tried again and again from then on, and after each fault.
  std::string open();

  void read(std::int64_t now_ns, double dt, HardwareState & state) noexcept override;
  void write(std::int64_t now_ns, double dt, const HardwareCommand & command) noexcept override;
  void reset() noexcept override { reset_asked_.store(true); }

 private:
  enum class Owner : std::uint8_t { kKeeper, kLoop };

  // The thread that may wait.
  void keep();
  bool attempt();
  void set_faults(const Faults & faults) noexcept;

  // The control thread.
  void begin(std::int64_t now_ns) noexcept;
  void give_up(const Faults & faults) noexcept;
  void take_readings() noexcept;
  void fill(std::int64_t now_ns, HardwareState & state) const noexcept;
  void report(HardwareState & state) const noexcept;

  const BusConfig config_;
  SerialPort port_;
  Exchange exchange_;
  BusHealth health_;
  Commissioned found_;  // by the keeper, before it hands the port over

  std::array<AngleCounter, 2> wheels_{};
  std::int64_t read_ns_ = 0;  // when the last readings were asked for
  bool told_torque_ = false;  // in the exchange that is under way
  bool holding_ = false;      // the control thread works with the port

  std::atomic<Owner> owner_{Owner::kKeeper};
  std::atomic<std::uint64_t> faults_{0};  // what, and who in the upper half
  std::atomic<bool> reset_asked_{false};

  std::mutex mutex_;  // of the keeper's own sleep; the control thread never takes it
  std::condition_variable ending_;
  bool ends_ = false;
  std::string trouble_;  // the keeper's, in words
  std::thread keeper_;
};

}  // namespace care_control::dynamixel

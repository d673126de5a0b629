// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "care_control/hardware.hpp"

namespace care_control {

/// Two wheels whose speed follows the command with a time constant: the base without hardware.
class SimulatedBase : public HardwareInterface {
 public:
  /// @param time_constant  of the wheels' speed loops [s].
  explicit SimulatedBase(double time_constant = 0.03) : time_constant_(time_constant) {}

  /// One cycle with the commanded wheel speeds [rad/s].
  const Wheels & step(double left_speed, double right_speed, double dt) noexcept;

  void read(std::int64_t now_ns, double dt, HardwareState & state) noexcept override;
  void write(std::int64_t now_ns, double dt, const HardwareCommand & command) noexcept override;

  const Wheels & wheels() const noexcept { return wheels_; }

 private:
  double time_constant_;
  Wheels wheels_;
};

/// Battery of the simulated base: drained by standing and by driving.
class SimulatedBattery {
 public:
  /// @param charge  0..1, @param capacity [W.h].
  SimulatedBattery(double charge, double capacity) : charge_(charge), capacity_(capacity) {}

  /// One cycle at a speed of the base [m/s].
  void step(double speed, double dt) noexcept;

  double charge() const noexcept { return charge_; }      ///< 0..1
  double voltage() const noexcept;                        ///< [V]
  double current() const noexcept;                        ///< [A], negative while discharging
  double capacity() const noexcept { return capacity_; }  ///< [W.h]

 private:
  double charge_;
  double capacity_;
  double power_ = 0.0;
};

}  // namespace care_control

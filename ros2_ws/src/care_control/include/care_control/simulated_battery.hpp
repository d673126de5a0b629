// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace care_control {

/// Battery of the simulated robot: drained by standing and by driving.
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

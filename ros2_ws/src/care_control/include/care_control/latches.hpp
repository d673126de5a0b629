// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "care_control/causes.hpp"
#include "care_control/hardware.hpp"
#include "care_control/steady_time.hpp"

namespace care_control {

/// What refuses a reset while it lasts, beside motion: bits of Cause.
constexpr std::uint32_t kStanding = kWheelsUnreadable | kWheelsDoNotFollow | kEstopEngaged |
                                    kEstopUnreadable | kEstopSilent | kStopHeld | kHardwareFault |
                                    kSlippedTooLong | kJointUnreadable | kJointDoesNotFollow;

/// Causes that latch a fault.
constexpr std::uint32_t kFaults = kWheelsUnreadable | kWheelsDoNotFollow | kHardwareFault |
                                  kSlippedTooLong | kJointUnreadable | kJointDoesNotFollow;

/// Stop, emergency stop and fault: set in the cycle of their cause, kept with their reason until a
/// reset with all sources clear, the base at rest and nothing commanded.
class Latches {
 public:
  /// One cycle. @param causes  bits of Cause; those of `kFaults` latch a fault.
  void take(std::uint32_t causes, const HardwareState & hardware) noexcept;

  /// Judge a reset that was asked for. @param motion  kBaseMoves and kCommandActive, as they are.
  /// @return true in the cycle in which all latches are released.
  bool judge(std::uint64_t count, std::int64_t now_ns, std::uint32_t causes,
             std::uint32_t motion) noexcept;

  bool stopped() const noexcept { return (latched_ & kStopLatched) != 0; }
  bool estopped() const noexcept { return (latched_ & kEstopLatched) != 0; }
  bool faulty() const noexcept { return (latched_ & kFaultLatched) != 0; }
  /// kStopLatched, kEstopLatched, kFaultLatched.
  std::uint32_t latched() const noexcept { return latched_; }
  /// Of kFaults: what there was since the last reset.
  std::uint32_t faults() const noexcept { return faults_; }
  std::uint32_t hardware_faults() const noexcept { return hardware_faults_; }
  std::uint32_t actuators() const noexcept { return actuators_; }
  std::uint64_t reset_count() const noexcept { return judged_count_; }
  std::uint32_t reset_blocking() const noexcept { return blocking_; }

 private:
  std::uint32_t latched_ = 0;
  std::uint32_t faults_ = 0;
  std::uint32_t hardware_faults_ = 0;
  std::uint32_t actuators_ = 0;
  std::uint64_t asked_count_ = 0;
  std::uint64_t judged_count_ = 0;
  std::int64_t asked_ns_ = kNever;
  std::uint32_t blocking_ = 0;
};

}  // namespace care_control

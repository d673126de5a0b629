// SPDX-License-Identifier: Apache-2.0
#include "care_control/latches.hpp"

namespace care_control {
namespace {

// A reset lets the hardware try again; so long it may take to come back [s].
constexpr double kRetryTime = 0.08;

}  // namespace

void Latches::take(std::uint32_t causes, const HardwareState & hardware) noexcept {
  if ((causes & kFaults) != 0) {
    latched_ |= kFaultLatched;
    faults_ |= causes & kFaults;
    hardware_faults_ |= hardware.faults;
    actuators_ |= hardware.actuator;
  }
  if ((causes & kEstopEngaged) != 0) {
    latched_ |= kEstopLatched;
  }
  if ((causes & kStopHeld) != 0) {
    latched_ |= kStopLatched;
  }
}

bool Latches::judge(std::uint64_t count, std::int64_t now_ns, std::uint32_t causes,
                    std::uint32_t motion) noexcept {
  if (count != asked_count_) {
    asked_count_ = count;
    asked_ns_ = now_ns;
  }
  const bool open = judged_count_ != asked_count_;
  if (!open || ((causes & kHardwareFault) != 0 && !older(asked_ns_, now_ns, kRetryTime))) {
    return false;
  }
  judged_count_ = asked_count_;
  blocking_ = (causes & kStanding) | motion;
  if (blocking_ != 0) {
    return false;
  }
  latched_ = faults_ = hardware_faults_ = actuators_ = 0;
  return true;
}

}  // namespace care_control

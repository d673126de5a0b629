// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace care_control {

/// Why the robot does not move as wanted: bits of `Outputs::causes` and `Outputs::reset_blocking`.
enum Cause : std::uint32_t {
  kWheelsUnreadable = 1U << 0,   ///< no or impossible wheel angles
  kWheelsDoNotFollow = 1U << 1,  ///< measured speed differs from the command for too long
  kFaultLatched = 1U << 2,
  kEstopEngaged = 1U << 3,
  kEstopUnreadable = 1U << 4,
  kEstopSilent = 1U << 5,   ///< was heard before
  kEstopUnheard = 1U << 6,  ///< never heard since the start
  kEstopLatched = 1U << 7,
  kStopHeld = 1U << 8,  ///< a source still says stop
  kStopLatched = 1U << 9,
  kPeerSilent = 1U << 10,
  kMiddlewareSilent = 1U << 11,
  kNotConfigured = 1U << 12,
  kNotActive = 1U << 13,
  kNoMode = 1U << 14,
  kCommandNotFresh = 1U << 15,  ///< motion was wanted before it was allowed
  kSpeedReduced = 1U << 16,     ///< `Outputs::limiter` says by what
  kBaseMoves = 1U << 17,        ///< for a reset only
  kCommandActive = 1U << 18,    ///< for a reset only
  kDrawerOpen = 1U << 19,
  kHardwareFault = 1U << 20,       ///< `Outputs::hardware_faults` says which
  kObstacle = 1U << 21,            ///< something stands within the stop zone of travel
  kSurroundingsUnseen = 1U << 22,  ///< a scan or range is missing or stale: taken as contact
  kWheelsSlip = 1U << 23,          ///< wheels and gyroscope disagree on the turn
  kSlippedTooLong = 1U << 24,      ///< a fault
  kGyroSilent = 1U << 25,          ///< a required gyroscope is missing or stale
  kJointUnreadable = 1U << 26,     ///< `Outputs::joints.faulty` says which
  kJointDoesNotFollow = 1U << 27,  ///< `Outputs::joints.faulty` says which
  kJointNotHomed = 1U << 28,       ///< the lift's height is not known: taken as fully raised
};

/// What reduces the speed most.
enum class Limiter : std::uint8_t {
  kNone,
  kSpeed,       ///< the box of linear and turning speed
  kWheel,       ///< a wheel's top speed
  kLateral,     ///< acceleration across the path
  kLift,        ///< the lift is raised, moves or is not homed
  kSeparation,  ///< what stands around the base
  kSlip,        ///< the wheels slip
};
constexpr std::uint8_t kLimiters = 7;

/// Name of a limiter, e.g. "separation".
const char * name_of(Limiter limiter) noexcept;

}  // namespace care_control

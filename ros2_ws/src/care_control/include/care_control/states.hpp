// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace care_control {

/// What the robot is doing; the numbers are those of care_msgs/SafetyState.
enum class State : std::uint8_t {
  kInit = 0,
  kInactive = 1,
  kReady = 2,
  kMoving = 3,
  kLimited = 4,
  kProtectiveStop = 5,  ///< clears by itself
  kStopped = 6,         ///< by a person, latched
  kEstop = 7,           ///< hardware line, latched
  kFault = 8,           ///< latched
};
constexpr std::size_t kStates = 9;

/// What changes the state.
enum class Event : std::uint8_t {
  kConfigure,   ///< the node is configured
  kCleanup,     ///< the node is not configured
  kActivate,    ///< the node is active
  kDeactivate,  ///< the node is not active
  kFault,       ///< a fault is latched
  kEstop,       ///< an emergency stop is latched
  kStop,        ///< a person's stop is latched
  kReset,       ///< a person released all latches
  kBlock,       ///< something that is watched is missing
  kClear,       ///< all that is watched is there
  kRest,        ///< no motion and none wanted
  kMove,        ///< motion as wanted
  kLimit,       ///< motion slower than wanted
};
constexpr std::size_t kEvents = 13;

/// State after an event: one look into a table.
State after(State state, Event event) noexcept;

/// Tell whether motion may be wanted in this state.
bool may_move(State state) noexcept;

/// Tell whether only a reset leaves this state.
bool is_latched(State state) noexcept;

/// Name as in care_msgs/SafetyState, e.g. "PROTECTIVE_STOP".
const char * name_of(State state) noexcept;

}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#include "care_control/states.hpp"

namespace care_control {
namespace {

constexpr State kInit = State::kInit, kInact = State::kInactive, kReady = State::kReady,
                kMove = State::kMoving, kLimit = State::kLimited, kProt = State::kProtectiveStop,
                kStop = State::kStopped, kEstop = State::kEstop, kFault = State::kFault;

// A stronger latch replaces a weaker one; only a reset leaves a latch, and it leads to INACTIVE:
// the next events of the same cycle lead on from there.
// clang-format off
constexpr std::array<std::array<State, kEvents>, kStates> kTable = {{
// Configure Cleanup Activate Deactiv  Fault   Estop   Stop    Reset   Block   Clear   Rest    Move    Limit
  {kInact,  kInit,  kInit,   kInit,   kFault, kEstop, kStop,  kInit,  kInit,  kInit,  kInit,  kInit,  kInit},   // INIT
  {kInact,  kInit,  kReady,  kInact,  kFault, kEstop, kStop,  kInact, kInact, kInact, kInact, kInact, kInact},  // INACTIVE
  {kReady,  kInit,  kReady,  kInact,  kFault, kEstop, kStop,  kReady, kProt,  kReady, kReady, kMove,  kLimit},  // READY
  {kMove,   kInit,  kMove,   kInact,  kFault, kEstop, kStop,  kMove,  kProt,  kMove,  kReady, kMove,  kLimit},  // MOVING
  {kLimit,  kInit,  kLimit,  kInact,  kFault, kEstop, kStop,  kLimit, kProt,  kLimit, kReady, kMove,  kLimit},  // LIMITED
  {kProt,   kInit,  kProt,   kInact,  kFault, kEstop, kStop,  kProt,  kProt,  kReady, kProt,  kProt,  kProt},   // PROTECTIVE_STOP
  {kStop,   kStop,  kStop,   kStop,   kFault, kEstop, kStop,  kInact, kStop,  kStop,  kStop,  kStop,  kStop},   // STOPPED
  {kEstop,  kEstop, kEstop,  kEstop,  kFault, kEstop, kEstop, kInact, kEstop, kEstop, kEstop, kEstop, kEstop},  // ESTOP
  {kFault,  kFault, kFault,  kFault,  kFault, kFault, kFault, kInact, kFault, kFault, kFault, kFault, kFault},  // FAULT
}};
// clang-format on

}  // namespace

State after(State state, Event event) noexcept {
  return kTable[static_cast<std::size_t>(state)][static_cast<std::size_t>(event)];
}

bool may_move(State state) noexcept {
  return state == State::kReady || state == State::kMoving || state == State::kLimited;
}

bool is_latched(State state) noexcept {
  return state == State::kStopped || state == State::kEstop || state == State::kFault;
}

const char * name_of(State state) noexcept {
  constexpr std::array<const char *, kStates> kNames = {"INIT",    "INACTIVE", "READY",
                                                        "MOVING",  "LIMITED",  "PROTECTIVE_STOP",
                                                        "STOPPED", "ESTOP",    "FAULT"};
  return kNames[static_cast<std::size_t>(state)];
}

}  // namespace care_control

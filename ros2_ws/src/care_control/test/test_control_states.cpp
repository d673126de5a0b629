// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "care_control/states.hpp"

namespace care_control {
namespace {

// The rules, written independently of the table.
State expected(State state, Event event) {
  if (event == Event::kReset) {
    return is_latched(state) ? State::kInactive : state;
  }
  if (event == Event::kFault) {
    return State::kFault;
  }
  if (event == Event::kEstop && state != State::kFault) {
    return State::kEstop;
  }
  if (event == Event::kStop && !is_latched(state)) {
    return State::kStopped;
  }
  if (is_latched(state)) {
    return state;
  }
  if (event == Event::kCleanup) {
    return State::kInit;
  }
  if (state == State::kInit) {
    return event == Event::kConfigure ? State::kInactive : state;
  }
  if (event == Event::kDeactivate) {
    return State::kInactive;
  }
  if (state == State::kInactive) {
    return event == Event::kActivate ? State::kReady : state;
  }
  if (event == Event::kBlock) {
    return State::kProtectiveStop;
  }
  if (state == State::kProtectiveStop) {
    return event == Event::kClear ? State::kReady : state;
  }
  return event == Event::kRest    ? State::kReady
         : event == Event::kMove  ? State::kMoving
         : event == Event::kLimit ? State::kLimited
                                  : state;
}

TEST(States, every_pair_of_state_and_event_follows_the_rules) {
  for (std::size_t s = 0; s < kStates; ++s) {
    for (std::size_t e = 0; e < kEvents; ++e) {
      const auto state = static_cast<State>(s);
      const auto event = static_cast<Event>(e);
      EXPECT_EQ(after(state, event), expected(state, event))
          << name_of(state) << " event " << e << " gives " << name_of(after(state, event));
    }
  }
}

TEST(States, only_a_reset_or_a_stronger_latch_leaves_a_latch) {
  for (const State state : {State::kStopped, State::kEstop, State::kFault}) {
    for (std::size_t e = 0; e < kEvents; ++e) {
      const State next = after(state, static_cast<Event>(e));
      EXPECT_TRUE(next >= state || static_cast<Event>(e) == Event::kReset);
    }
  }
}

TEST(States, a_reset_never_leads_to_a_state_of_motion) {
  for (const State state : {State::kStopped, State::kEstop, State::kFault}) {
    EXPECT_FALSE(may_move(after(state, Event::kReset)));
  }
}

TEST(States, names_are_those_of_the_message) {
  const std::array<std::string, kStates> names = {"INIT",    "INACTIVE", "READY",
                                                  "MOVING",  "LIMITED",  "PROTECTIVE_STOP",
                                                  "STOPPED", "ESTOP",    "FAULT"};
  for (std::size_t s = 0; s < kStates; ++s) {
    EXPECT_EQ(name_of(static_cast<State>(s)), names[s]);
  }
}

}  // namespace
}  // namespace care_control

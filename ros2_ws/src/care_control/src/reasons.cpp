// SPDX-License-Identifier: Apache-2.0
#include "care_control/reasons.hpp"

#include <array>
#include <cstdio>

#include "care_control/fault_words.hpp"

namespace care_control {
namespace {

template <typename... Values>
std::string text_of(const char * form, Values... values) {
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(), form, values...);
  return text.data();
}

std::string name_or(const std::vector<std::string> & names, std::size_t i, const char * kind) {
  return i < names.size() ? names[i] : std::string(kind) + " " + std::to_string(i);
}

/// What is set in `bits`, in words.
template <typename Name>
std::string list_of(std::uint32_t bits, Name name) {
  std::string text;
  for (std::size_t i = 0; i < 32; ++i) {
    if ((bits >> i & 1U) != 0) {
      text += (text.empty() ? "" : ", ") + name(i);
    }
  }
  return text;
}

std::string joints_text(std::uint32_t faulty, const Names & names) {
  return list_of(faulty, [&](std::size_t i) { return name_or(names.joints, i, "joint"); });
}

std::string unseen_text(const SeparationReport & separation, const Names & names) {
  const std::string who = list_of(separation.stale, [&](std::size_t i) {
    return i == 0 ? std::string("laser scan") : name_or(names.ranges, i - 1, "range");
  });
  return "Blind: no fresh " + who;
}

// No distances: a text that changes with every scan would be news all the time.
std::string obstacle_text(const SeparationReport & separation) {
  std::string where = separation.forward > 0.0 ? "" : " ahead";
  where += separation.reverse > 0.0 ? "" : " behind";
  where += separation.turning > 0.0 ? "" : " beside";
  return "Something is too near" + where;
}

std::string speed_text(Limiter limiter, const Settings & settings) {
  switch (limiter) {
    case Limiter::kSeparation:
      return "Slower than asked for: something is near";
    case Limiter::kLift:
      return "Slower than asked for: the lift is raised, moves or is not homed";
    case Limiter::kSlip:
      return "Slower than asked for: the wheels slip";
    case Limiter::kWheel:
      return "Slower than asked for: a wheel is at its top speed";
    case Limiter::kLateral:
      return "Slower than asked for: the curve is too tight for more";
    default:
      return text_of("Slower than asked for: at most %.2f m/s and %.2f rad/s",
                     settings.speed.linear, settings.speed.angular);
  }
}

std::string stop_text(std::uint32_t causes, const StopSources & stops) {
  std::string text = "Stopped " + stops.newest();
  if ((causes & kStopHeld) == 0) {
    return text + " (released there, a reset is needed)";
  }
  std::string held;
  for (const auto & source : stops.holding()) {
    held += (held.empty() ? "" : ", ") + source;
  }
  return held.empty() ? text : text + " (held by " + held + ")";
}

std::string peer_text(const Peers & peers, std::size_t peer) {
  const std::string & name = peers.names()[peer];
  return peers.moved_ns(peer) == kNever ? "Not heard yet: " + name : "No sign of life of " + name;
}

}  // namespace

std::vector<std::string> reasons_of(const Outputs & outputs, std::uint32_t causes,
                                    const Peers & peers, const StopSources & stops,
                                    const Settings & settings, const Names & names) {
  std::vector<std::string> reasons;
  const auto add = [&](std::uint32_t cause, const std::string & text) {
    if ((causes & cause) != 0) {
      reasons.push_back(text);
    }
  };
  const auto unless = [&](std::uint32_t other, std::uint32_t cause) {
    return (causes & other) == 0 ? cause : 0U;
  };
  constexpr std::uint32_t kLine = kEstopEngaged | kEstopUnreadable | kEstopSilent;
  const std::string joints = joints_text(outputs.joints.faulty, names);
  add(kHardwareFault,
      "Fault: " + words_of_faults(outputs.hardware_faults, outputs.faulty_actuators, names.joints));
  add(kWheelsUnreadable, "The wheels cannot be measured");
  add(kWheelsDoNotFollow, "Fault: a wheel does not follow its command");
  add(kSlippedTooLong, "Fault: the wheels slipped for too long");
  add(kJointUnreadable, "Cannot be measured: " + joints);
  add(kJointDoesNotFollow, "Fault: does not follow its command: " + joints);
  add(unless(kFaults, kFaultLatched), "There was a fault, a reset is needed");
  add(unless(kEstopUnreadable, kEstopEngaged), "Emergency stop is pressed");
  add(kEstopUnreadable, "The emergency-stop line cannot be read");
  add(kEstopSilent, "The emergency-stop line is silent");
  add(unless(kLine, kEstopLatched), "Emergency stop was engaged, a reset is needed");
  add(kEstopUnheard, "The emergency-stop line has not been heard yet");
  if ((causes & (kStopHeld | kStopLatched)) != 0) {
    reasons.push_back(stop_text(causes, stops));
  }
  add(kNotConfigured, "Control is not configured");
  add(unless(kNotConfigured, kNotActive), "Control is not active");
  for (std::size_t i = 0; (causes & kPeerSilent) != 0 && i < peers.names().size(); ++i) {
    if ((outputs.silent_peers >> i & 1U) != 0) {
      reasons.push_back(peer_text(peers, i));
    }
  }
  add(kDrawerOpen, "A drawer is open");
  add(kSurroundingsUnseen, unseen_text(outputs.separation, names));
  add(kObstacle, obstacle_text(outputs.separation));
  add(kGyroSilent, "The gyroscope is silent");
  add(kMiddlewareSilent, "The control node's own communication hangs");
  add(kBaseMoves, "The base is not at rest");
  add(kCommandActive, "A motion command is still being sent");
  add(kNoMode, "Nobody is chosen to command the base");
  add(kCommandNotFresh, "A fresh command is needed: zero or a pause first");
  add(kWheelsSlip, "The wheels slip");
  add(kSpeedReduced, speed_text(outputs.limiter, settings));
  add(kJointNotHomed, "The lift is not homed: its height is not known");
  return reasons;
}

}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#include "care_control/reasons.hpp"

#include <cstdio>

namespace care_control {
namespace {

std::string speed_text(const Settings & settings) {
  char text[96];
  std::snprintf(text, sizeof(text), "Slower than asked for: at most %.2f m/s and %.2f rad/s",
                settings.speed.linear, settings.speed.angular);
  return text;
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

std::vector<std::string> reasons_of(std::uint32_t causes, std::uint32_t silent_peers,
                                    const Peers & peers, const StopSources & stops,
                                    const Settings & settings) {
  std::vector<std::string> reasons;
  const auto add = [&](std::uint32_t cause, const std::string & text) {
    if ((causes & cause) != 0) {
      reasons.push_back(text);
    }
  };
  constexpr std::uint32_t kFaults = kWheelsUnreadable | kWheelsDoNotFollow;
  constexpr std::uint32_t kLine = kEstopEngaged | kEstopUnreadable | kEstopSilent;
  add(kWheelsUnreadable, "Fault: the wheels cannot be measured");
  add(kWheelsDoNotFollow, "Fault: a wheel does not follow its command");
  add((causes & kFaults) == 0 ? kFaultLatched : 0U, "There was a fault, a reset is needed");
  add((causes & kEstopUnreadable) == 0 ? kEstopEngaged : 0U, "Emergency stop is pressed");
  add(kEstopUnreadable, "The emergency-stop line cannot be read");
  add(kEstopSilent, "The emergency-stop line is silent");
  add((causes & kLine) == 0 ? kEstopLatched : 0U, "Emergency stop was engaged, a reset is needed");
  add(kEstopUnheard, "The emergency-stop line has not been heard yet");
  if ((causes & (kStopHeld | kStopLatched)) != 0) {
    reasons.push_back(stop_text(causes, stops));
  }
  add(kNotConfigured, "Control is not configured");
  add((causes & kNotConfigured) == 0 ? kNotActive : 0U, "Control is not active");
  for (std::size_t i = 0; i < peers.names().size(); ++i) {
    if ((silent_peers >> i & 1U) != 0) {
      reasons.push_back(peer_text(peers, i));
    }
  }
  add(kDrawerOpen, "A drawer is open");
  add(kMiddlewareSilent, "The control node's own communication hangs");
  add(kBaseMoves, "The base is not at rest");
  add(kCommandActive, "A motion command is still being sent");
  add(kNoMode, "Nobody is chosen to command the base");
  add(kCommandNotFresh, "A fresh command is needed: zero or a pause first");
  add(kSpeedReduced, speed_text(settings));
  return reasons;
}

}  // namespace care_control

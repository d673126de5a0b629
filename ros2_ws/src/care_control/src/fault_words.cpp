// SPDX-License-Identifier: Apache-2.0
#include "care_control/fault_words.hpp"

#include <array>
#include <cstddef>

#include "care_control/hardware.hpp"

namespace care_control {
namespace {

struct Words {
  std::uint32_t fault;
  const char * text;
  bool names_who;
};
constexpr std::array<Words, 6> kWords{{
    {kBusLost, "the actuators' bus is lost: check cable, adapter and supply", false},
    {kBusGarbled, "the actuators' bus is disturbed: check cable and connectors", false},
    {kActuatorGone, "no answer from", true},
    {kActuatorOverload, "overload, heat or wrong voltage at", true},
    {kActuatorRefused, "not as told:", true},
    {kOverBudget, "reading and writing the actuators takes too long", false},
}};

std::string name_of(std::size_t actuator, const std::vector<std::string> & joints) {
  if (actuator < 2) {
    return actuator == 0 ? "the left wheel" : "the right wheel";
  }
  const std::size_t joint = actuator - 2;
  return joint < joints.size() ? joints[joint] : "joint " + std::to_string(joint);
}

std::string names_of(std::uint32_t actuators, const std::vector<std::string> & joints) {
  std::string names;
  for (std::size_t i = 0; i < 2 + kMaxJoints; ++i) {
    if ((actuators >> i & 1U) != 0) {
      names += (names.empty() ? "" : ", ") + name_of(i, joints);
    }
  }
  return names.empty() ? "an actuator" : names;
}

}  // namespace

std::string words_of_faults(std::uint32_t faults, std::uint32_t actuators,
                            const std::vector<std::string> & joints) {
  std::string text;
  for (const Words & words : kWords) {
    if ((faults & words.fault) != 0) {
      text += (text.empty() ? "" : "; ") + std::string(words.text);
      text += words.names_who ? " " + names_of(actuators, joints) : "";
    }
  }
  return text;
}

}  // namespace care_control

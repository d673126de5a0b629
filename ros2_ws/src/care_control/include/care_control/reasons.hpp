// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "care_control/core.hpp"
#include "care_control/peers.hpp"
#include "care_control/stop_sources.hpp"

namespace care_control {

/// Names of what the core knows by number.
struct Names {
  std::vector<std::string> joints;  ///< by joint
  std::vector<std::string> ranges;  ///< by range sensor
};

/// Words for a person: why the robot does not move as wanted, most important first.
/// @param causes  Bits of Cause to put into words: `Outputs::causes` or `Outputs::reset_blocking`.
std::vector<std::string> reasons_of(const Outputs & outputs, std::uint32_t causes,
                                    const Peers & peers, const StopSources & stops,
                                    const Settings & settings, const Names & names = {});

}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "care_control/core.hpp"
#include "care_control/peers.hpp"
#include "care_control/stop_sources.hpp"

namespace care_control {

/// Words for a person: why the robot does not move as wanted, most important first.
/// @param causes  Bits of Cause; @param silent_peers  bits of `Outputs::silent_peers`.
std::vector<std::string> reasons_of(std::uint32_t causes, std::uint32_t silent_peers,
                                    const Peers & peers, const StopSources & stops,
                                    const Settings & settings);

}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace care_control {

/// Words for a person: what is wrong with the actuators, and which, e.g. "the right wheel does not
/// answer".
/// @param faults  Bits of HardwareFault; @param actuators  bit 0 left wheel, 1 right, 2.. joints;
/// @param joints  their names, as far as they have any.
std::string words_of_faults(std::uint32_t faults, std::uint32_t actuators,
                            const std::vector<std::string> & joints = {});

}  // namespace care_control

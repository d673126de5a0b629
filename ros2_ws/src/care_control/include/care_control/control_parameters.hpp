// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <care_rcl/parameters.hpp>

#include <string>
#include <vector>

#include "care_control/core.hpp"

namespace care_control {

/// Everything that params/control.yaml may set.
std::vector<care_rcl::Parameter> declared_parameters();

/// The settings of the core, from parameters.
Settings settings_of(const care_rcl::Parameters & parameters);

}  // namespace care_control

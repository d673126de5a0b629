// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <care_rcl/parameters.hpp>

#include <memory>
#include <string>
#include <vector>

#include "care_control/core.hpp"
#include "care_control/reasons.hpp"
#include "care_control/surroundings_intake.hpp"

namespace care_control {

/// What params/control.yaml may set of joints, sensors and actuators.
std::vector<care_rcl::Parameter> robot_parameters();

/// Joints, lift, separation and slip of the core's settings.
/// @throws care_rcl::ConfigurationError for lists of different lengths, too many joints, limits
///   that leave no room, or a lift that is no joint.
void take_robot(const care_rcl::Parameters & parameters, Settings & settings);

/// Names of joints and range sensors, by their number in the core.
Names names_of(const care_rcl::Parameters & parameters);

/// What takes in the messages of the sensors.
/// @throws care_rcl::ConfigurationError for lists of different lengths or too many sensors.
SurroundingsIntake intake_of(const care_rcl::Parameters & parameters);

/// The actuators that `hardware` names, opened.
struct Hardware {
  std::unique_ptr<HardwareInterface> actuators;
  bool simulated = true;
  std::string trouble;  ///< what opening met with, empty when nothing
};

/// @throws care_rcl::ConfigurationError for servos that cannot work.
Hardware hardware_of(const care_rcl::Parameters & parameters, const Settings & settings);

}  // namespace care_control

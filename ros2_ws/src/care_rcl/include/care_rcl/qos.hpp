// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rmw/types.h>

#include <cstddef>

/// Named profiles, equal to those of care_node.qos in Python.
namespace care_rcl::qos {

/// Periodic values.
rmw_qos_profile_t periodic();
/// State, handed to late joiners. Never a command.
/// @param depth  What a reader keeps until it takes it: more than 1 where several publish, for else
///               what one says hides what another said just before.
rmw_qos_profile_t latched(std::size_t depth = 1);
/// Transforms.
rmw_qos_profile_t transform();
/// Sensor data where only the newest matters.
rmw_qos_profile_t sensor();
/// Velocity commands: the newest only, and none older than 250 ms.
rmw_qos_profile_t command();
/// /clock: best effort, the newest only.
rmw_qos_profile_t clock();

}  // namespace care_rcl::qos

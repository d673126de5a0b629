// SPDX-License-Identifier: Apache-2.0
#include "care_rcl/qos.hpp"

#include <rmw/qos_profiles.h>

namespace care_rcl::qos {
namespace {

rmw_qos_profile_t reliable(std::size_t depth) {
  rmw_qos_profile_t profile = rmw_qos_profile_default;
  profile.history = RMW_QOS_POLICY_HISTORY_KEEP_LAST;
  profile.depth = depth;
  profile.reliability = RMW_QOS_POLICY_RELIABILITY_RELIABLE;
  profile.durability = RMW_QOS_POLICY_DURABILITY_VOLATILE;
  return profile;
}

}  // namespace

rmw_qos_profile_t periodic() {
  return reliable(10);
}

rmw_qos_profile_t latched(std::size_t depth) {
  rmw_qos_profile_t profile = reliable(depth);
  profile.durability = RMW_QOS_POLICY_DURABILITY_TRANSIENT_LOCAL;
  return profile;
}

rmw_qos_profile_t transform() {
  return reliable(100);
}

rmw_qos_profile_t sensor() {
  rmw_qos_profile_t profile = reliable(5);
  profile.reliability = RMW_QOS_POLICY_RELIABILITY_BEST_EFFORT;
  return profile;
}

rmw_qos_profile_t command() {
  rmw_qos_profile_t profile = reliable(1);
  profile.lifespan = {0, 250'000'000};
  return profile;
}

rmw_qos_profile_t clock() {
  rmw_qos_profile_t profile = sensor();
  profile.depth = 1;
  return profile;
}

}  // namespace care_rcl::qos

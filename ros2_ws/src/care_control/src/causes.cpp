// SPDX-License-Identifier: Apache-2.0
#include "care_control/causes.hpp"

#include <array>
#include <cstddef>

namespace care_control {

const char * name_of(Limiter limiter) noexcept {
  constexpr std::array<const char *, kLimiters> kNames = {
      "none", "speed", "wheel", "lateral acceleration", "lift", "separation", "slip"};
  return kNames[static_cast<std::size_t>(limiter)];
}

}  // namespace care_control

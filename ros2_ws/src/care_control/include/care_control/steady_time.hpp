// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>

namespace care_control {

/// A steady time [ns] that stands for: not yet.
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();

/// Tell whether `when_ns` lies more than `seconds` before `now_ns`, or never was.
inline bool older(std::int64_t when_ns, std::int64_t now_ns, double seconds) noexcept {
  return when_ns == kNever || static_cast<double>(now_ns - when_ns) > seconds * 1e9;
}

}  // namespace care_control

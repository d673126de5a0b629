// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace care_control {

/// Quantiles of durations in ns, to within 1/16 of the value, in fixed memory.
class Histogram {
 public:
  void add(std::int64_t nanoseconds) noexcept;
  void clear() noexcept;

  /// Smallest duration that a share `q` (0..1) does not exceed; 0 while empty.
  std::int64_t quantile(double q) const noexcept;
  std::int64_t maximum() const noexcept { return maximum_; }
  std::uint64_t count() const noexcept { return count_; }

 private:
  static constexpr unsigned kSub = 16;  // buckets an octave
  static constexpr unsigned kOctaves = 36;

  std::array<std::uint32_t, kSub * kOctaves> buckets_{};
  std::uint64_t count_ = 0;
  std::int64_t maximum_ = 0;
};

}  // namespace care_control

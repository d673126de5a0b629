// SPDX-License-Identifier: Apache-2.0
#include "care_control/histogram.hpp"

#include <algorithm>
#include <cmath>

namespace care_control {

void Histogram::add(std::int64_t nanoseconds) noexcept {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(nanoseconds, 0));
  unsigned octave = 0;
  while (value >> octave >= 2 * kSub && octave + 2 < kOctaves) {
    ++octave;
  }
  // Values below 2 * kSub have a bucket each; above, kSub buckets an octave.
  const std::uint64_t within = std::min<std::uint64_t>(value >> octave, 2 * kSub - 1);
  ++buckets_[octave * kSub + within];
  ++count_;
  maximum_ = std::max(maximum_, nanoseconds);
}

void Histogram::clear() noexcept {
  buckets_.fill(0);
  count_ = 0;
  maximum_ = 0;
}

std::int64_t Histogram::quantile(double q) const noexcept {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= wanted && seen > 0) {
      const std::size_t octave = i < 2 * kSub ? 0 : i / kSub - 1;
      const std::uint64_t upper = ((i - octave * kSub + 1) << octave) - 1;
      return std::min(static_cast<std::int64_t>(upper), maximum_);
    }
  }
  return 0;
}

}  // namespace care_control

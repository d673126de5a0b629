// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace care_control {

/// Tells when something takes too long again and again; a single long time is the machine's.
class TimeBudget {
 public:
  /// @param budget_ns  that each time may take.
  explicit TimeBudget(std::int64_t budget_ns) noexcept : budget_ns_(budget_ns) {}

  /// Count one time: a third of too long ones, kept up, is too many.
  void add(std::int64_t duration_ns) noexcept {
    if (duration_ns > budget_ns_) {
      ++over_;
      score_ = score_ + 2 < kLimit ? score_ + 2 : kLimit;
    } else if (score_ > 0) {
      --score_;
    }
  }

  bool exceeded() const noexcept { return score_ == kLimit; }
  std::uint64_t over() const noexcept { return over_; }  ///< too long ones ever

 private:
  static constexpr int kLimit = 50;

  std::int64_t budget_ns_;
  int score_ = 0;
  std::uint64_t over_ = 0;
};

}  // namespace care_control

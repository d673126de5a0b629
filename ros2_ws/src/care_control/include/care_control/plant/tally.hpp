// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "care_control/plant/scenario.hpp"

namespace care_control {

/// What came of many scenarios of one kind of entry.
class Tally {
 public:
  /// Play scenarios `first` to `first + count - 1`.
  void play_all(Entry entry, std::uint64_t first, std::uint64_t count);

  void add(const Scenario & scenario, const Outcome & outcome, std::uint64_t number);

  std::uint64_t played() const { return played_; }
  std::uint64_t moving() const { return moving_; }      ///< the base moved when the person entered
  std::uint64_t rested() const { return rested_; }      ///< the base came to rest untouched
  std::uint64_t touched() const { return touched_; }    ///< before rest, either walked into or
  std::uint64_t run_into() const { return run_into_; }  ///< run into: the base moved towards them
  std::uint64_t run_into(Manner manner) const {
    return by_manner_[static_cast<std::size_t>(manner)];
  }
  double smallest_gap() const { return smallest_gap_; }  ///< [m], untouched
  std::uint64_t smallest_gap_number() const { return smallest_gap_number_; }
  std::uint64_t fastest_touch_number() const { return fastest_touch_number_; }
  /// Share `q` of those run into were touched at this speed or slower [m/s]; 0 without any.
  double touch_speed(double q);

 private:
  std::uint64_t played_ = 0, moving_ = 0, rested_ = 0, touched_ = 0, run_into_ = 0;
  std::array<std::uint64_t, kManners> by_manner_{};
  double smallest_gap_ = std::numeric_limits<double>::infinity();
  std::uint64_t smallest_gap_number_ = 0, fastest_touch_number_ = 0;
  double fastest_touch_ = 0.0;
  std::vector<double> touch_speeds_;
};

}  // namespace care_control

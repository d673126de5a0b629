// SPDX-License-Identifier: Apache-2.0
#include "care_control/plant/tally.hpp"

#include <algorithm>
#include <cmath>

namespace care_control {
namespace {

constexpr double kMoves = 0.05;     // [m/s]
constexpr double kTowards = 0.005;  // [m/s]: a touch at less is the person's doing

}  // namespace

void Tally::play_all(Entry entry, std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t number = first; number < first + count; ++number) {
    const Scenario scenario = drawn(number, entry);
    add(scenario, play(scenario), number);
  }
}

void Tally::add(const Scenario & scenario, const Outcome & outcome, std::uint64_t number) {
  ++played_;
  moving_ += std::abs(outcome.entry_speed) > kMoves ? 1 : 0;
  rested_ += outcome.rested ? 1 : 0;
  touched_ += outcome.touched ? 1 : 0;
  if (outcome.touched && outcome.touch_speed > kTowards) {
    ++run_into_;
    ++by_manner_[static_cast<std::size_t>(scenario.manner)];
    touch_speeds_.push_back(outcome.touch_speed);
    if (outcome.touch_speed > fastest_touch_) {
      fastest_touch_ = outcome.touch_speed;
      fastest_touch_number_ = number;
    }
  }
  if (!outcome.touched && outcome.smallest_gap < smallest_gap_) {
    smallest_gap_ = outcome.smallest_gap;
    smallest_gap_number_ = number;
  }
}

double Tally::touch_speed(double q) {
  if (touch_speeds_.empty()) {
    return 0.0;
  }
  std::sort(touch_speeds_.begin(), touch_speeds_.end());
  const auto last = static_cast<double>(touch_speeds_.size() - 1);
  return touch_speeds_[static_cast<std::size_t>(std::lround(q * last))];
}

}  // namespace care_control

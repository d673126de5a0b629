// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace care_control {

/// Random numbers (xoshiro256++): the distributions of the standard library differ between
/// libraries, these give the same numbers everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept {
    for (std::uint64_t & word : state_) {  // splitmix64, as the generator's authors advise
      seed += 0x9e3779b97f4a7c15U;
      std::uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
      word = z ^ (z >> 31);
    }
  }

  std::uint64_t bits() noexcept {
    auto & s = state_;
    const std::uint64_t result = turn(s[0] + s[3], 23) + s[0];
    const std::uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = turn(s[3], 45);
    return result;
  }

  /// Even over [0, 1).
  double unit() noexcept { return static_cast<double>(bits() >> 11) * 0x1p-53; }

  /// Even over [low, high).
  double between(double low, double high) noexcept { return low + (high - low) * unit(); }

  /// Bell-shaped with zero mean, never beyond 3.5 `deviation`: the sum of four even numbers.
  double bell(double deviation) noexcept {
    constexpr double kRootOfThree = 1.7320508075688772;
    return (unit() + unit() + unit() + unit() - 2.0) * kRootOfThree * deviation;
  }

 private:
  static constexpr std::uint64_t turn(std::uint64_t x, int k) noexcept {
    return (x << k) | (x >> (64 - k));
  }

  std::array<std::uint64_t, 4> state_{};
};

}  // namespace care_control

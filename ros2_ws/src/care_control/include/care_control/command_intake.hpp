// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "care_control/core.hpp"

namespace care_control {

/// Why a velocity command is refused.
enum class Refusal : std::uint8_t {
  kNone,       ///< accepted
  kNotFinite,  ///< NaN or infinite
  kSideways,   ///< a motion that two wheels cannot make
  kFrame,      ///< not in a frame of the base
  kExpired,    ///< its stamp is older than the limit
  kFuture,     ///< its stamp lies in the future: a clock is wrong
  kReplayed,   ///< its stamp is not newer than the last one's
};
constexpr std::size_t kRefusals = 7;

/// Name of a refusal, e.g. "expired".
const char * name_of(Refusal refusal) noexcept;

/// A velocity command as it came in.
struct RawCommand {
  std::array<double, 3> linear{};
  std::array<double, 3> angular{};
  std::string frame;
  std::int64_t stamp_ns = 0;  ///< ROS time
};

/// What a stamp says about the age of a command.
enum class Stamps : std::uint8_t {
  kAge,    ///< clocks are in step: too old and future stamps are refused
  kOrder,  ///< clocks differ: a stamp only tells what came before what
};

/// Judges the commands of one source before the control thread sees them, and counts refusals.
class CommandIntake {
 public:
  /// @param frames  Allowed frames besides none; @param oldest_s  largest age of a stamp [s].
  CommandIntake(std::vector<std::string> frames, double oldest_s, Stamps stamps = Stamps::kAge);

  /// Judge a command; an accepted one becomes `newest()`.
  /// @param ros_now_ns  ROS time, for the stamp; @param steady_now_ns  time of receipt.
  Refusal take(const RawCommand & raw, std::int64_t ros_now_ns, std::int64_t steady_now_ns);

  const Command & newest() const { return newest_; }
  std::uint64_t accepted() const { return counts_[0]; }
  std::uint64_t refused(Refusal refusal) const {
    return counts_[static_cast<std::size_t>(refusal)];
  }

 private:
  Refusal judge(const RawCommand & raw, std::int64_t ros_now_ns);
  Refusal judge_stamp(std::int64_t stamp_ns, std::int64_t ros_now_ns);

  std::vector<std::string> frames_;
  std::int64_t oldest_ns_;
  Stamps stamps_;
  std::int64_t last_stamp_ns_ = kNever;
  Command newest_;
  std::array<std::uint64_t, kRefusals> counts_{};
};

}  // namespace care_control

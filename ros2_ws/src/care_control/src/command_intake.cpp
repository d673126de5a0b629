// SPDX-License-Identifier: Apache-2.0
#include "care_control/command_intake.hpp"

#include <algorithm>
#include <cmath>

namespace care_control {
namespace {

constexpr std::int64_t kPauseNs = 1'000'000'000;  // after it a stream begins anew
constexpr std::int64_t kFutureNs = 100'000'000;   // what clocks of one machine may differ

bool all_finite(const std::array<double, 3> & values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

}  // namespace

const char * name_of(Refusal refusal) noexcept {
  constexpr std::array<const char *, kRefusals> kNames = {
      "accepted", "not finite",      "sideways", "wrong frame",
      "expired",  "from the future", "replayed"};
  return kNames[static_cast<std::size_t>(refusal)];
}

CommandIntake::CommandIntake(std::vector<std::string> frames, double oldest_s, Stamps stamps)
    : frames_(std::move(frames)),
      oldest_ns_(static_cast<std::int64_t>(oldest_s * 1e9)),
      stamps_(stamps) {}

Refusal CommandIntake::take(const RawCommand & raw, std::int64_t ros_now_ns,
                            std::int64_t steady_now_ns) {
  if (stamps_ == Stamps::kOrder && newest_.received_ns != kNever &&
      steady_now_ns - newest_.received_ns > kPauseNs) {
    last_stamp_ns_ = kNever;  // the sender may have started again, with another clock
  }
  const Refusal refusal = judge(raw, ros_now_ns);
  ++counts_[static_cast<std::size_t>(refusal)];
  if (refusal == Refusal::kNone) {
    last_stamp_ns_ = raw.stamp_ns;
    const std::int64_t age_ns = stamps_ == Stamps::kOrder ? 0 : ros_now_ns - raw.stamp_ns;
    newest_ = {{raw.linear[0], raw.angular[2]},
               steady_now_ns,
               steady_now_ns - std::max<std::int64_t>(0, age_ns)};
  }
  return refusal;
}

Refusal CommandIntake::judge(const RawCommand & raw, std::int64_t ros_now_ns) {
  if (!all_finite(raw.linear) || !all_finite(raw.angular)) {
    return Refusal::kNotFinite;
  }
  if (raw.linear[1] != 0.0 || raw.linear[2] != 0.0 || raw.angular[0] != 0.0 ||
      raw.angular[1] != 0.0) {
    return Refusal::kSideways;
  }
  if (!raw.frame.empty() && std::find(frames_.begin(), frames_.end(), raw.frame) == frames_.end()) {
    return Refusal::kFrame;
  }
  return judge_stamp(raw.stamp_ns, ros_now_ns);
}

Refusal CommandIntake::judge_stamp(std::int64_t stamp_ns, std::int64_t ros_now_ns) {
  if (stamps_ == Stamps::kAge) {
    if (last_stamp_ns_ != kNever && last_stamp_ns_ > ros_now_ns + kFutureNs) {
      last_stamp_ns_ = kNever;  // ROS time was set back: the old stamp says nothing any more
    }
    if (ros_now_ns - stamp_ns > oldest_ns_) {
      return Refusal::kExpired;
    }
    if (stamp_ns - ros_now_ns > kFutureNs) {
      return Refusal::kFuture;
    }
  }
  return stamp_ns <= last_stamp_ns_ ? Refusal::kReplayed : Refusal::kNone;
}

}  // namespace care_control

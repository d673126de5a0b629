// SPDX-License-Identifier: Apache-2.0
#include "care_control/core.hpp"

#include <algorithm>
#include <cmath>

namespace care_control {
namespace {

constexpr double kRestLinear = 0.005;   // [m/s]
constexpr double kRestAngular = 0.01;   // [rad/s]
constexpr double kLongestStep = 0.01;   // [s]: after a stall speeds go on from where they were
constexpr double kShortestStep = 1e-6;  // [s]: speeds are ways over time
constexpr double kAngleSlack = 0.1;     // [rad]: what an encoder may jump beyond its top speed

// What refuses a reset while it lasts.
constexpr std::uint32_t kStanding = kWheelsUnreadable | kWheelsDoNotFollow | kEstopEngaged |
                                    kEstopUnreadable | kEstopSilent | kStopHeld;

bool finite(const Velocity & velocity) noexcept {
  return std::isfinite(velocity.linear) && std::isfinite(velocity.angular);
}

bool zero(const Velocity & velocity) noexcept {
  return velocity.linear == 0.0 && velocity.angular == 0.0;
}

}  // namespace

Core::Core(const Settings & settings)
    : odometry_(OdometrySettings{settings.speed.wheel_radius, 2 * settings.speed.half_track}) {}

Outputs Core::step(double dt, const Inputs & in) noexcept {
  ++cycle_;
  dt = std::max(dt, kShortestStep);
  const State before = state_;
  std::uint32_t causes = watch(dt, in);
  latch(causes);
  judge_reset(causes, in);
  settle(causes, in);

  const Velocity target = released(wanted(in), in);
  const Limited limited = within(target, in.settings.speed);
  drive(limited.velocity, std::min(dt, kLongestStep), in.settings);
  const bool rests = at_rest() && zero(limited.velocity);
  apply(rests ? Event::kRest : limited.reduced ? Event::kLimit : Event::kMove);

  causes |= latches_;
  causes |= limited.reduced && may_move(state_) ? kSpeedReduced : 0U;
  causes |= fresh_needed_ && may_move(state_) ? kCommandNotFresh : 0U;
  causes |= in.mode == Mode::kNone ? kNoMode : 0U;

  Outputs out;
  out.cycle = cycle_;
  out.now_ns = in.now_ns;
  out.state = state_;
  out.previous = before;
  out.causes = causes;
  out.silent_peers = silent_peers_;
  out.applied = {linear_.speed(), angular_.speed()};
  if (may_move(state_)) {
    out.allowed = {in.settings.speed.linear, in.settings.speed.angular};
  }
  out.command.torque = may_move(state_);
  out.command.left_speed = left_speed_;
  out.command.right_speed = right_speed_;
  out.at_rest = at_rest();
  out.wheels = wheels_;
  out.pose = odometry_.pose();
  out.measured = odometry_.velocity();
  out.covariance = odometry_.covariance();
  out.reset_count = reset_count_;
  out.reset_blocking = reset_blocking_;
  return out;
}

std::uint32_t Core::watch(double dt, const Inputs & in) noexcept {
  std::uint32_t causes = watch_wheels(dt, in) | watch_estop(in) | watch_peers(in);
  // Counters: a stop that was released again before this cycle latches all the same.
  causes |= in.stops_held > 0 || in.stop_count != stop_count_ ? kStopHeld : 0U;
  causes |= in.estop_count != estop_count_ ? kEstopEngaged : 0U;
  stop_count_ = in.stop_count;
  estop_count_ = in.estop_count;
  causes |=
      older(in.written_ns, in.now_ns, in.settings.middleware_silence) ? kMiddlewareSilent : 0U;
  causes |= in.drawer_open ? kDrawerOpen : 0U;
  causes |= in.configured ? 0U : kNotConfigured;
  causes |= in.active ? 0U : kNotActive;
  return causes;
}

std::uint32_t Core::watch_wheels(double dt, const Inputs & in) noexcept {
  const Wheels & now = in.hardware.wheels;
  const double farthest = in.settings.speed.wheel * 2 * dt + kAngleSlack;
  const bool readable = now.valid && std::isfinite(now.left_angle) &&
                        std::isfinite(now.right_angle) && std::isfinite(now.left_speed) &&
                        std::isfinite(now.right_speed);
  const bool possible =
      readable && (!wheels_seen_ || (std::abs(now.left_angle - wheels_.left_angle) <= farthest &&
                                     std::abs(now.right_angle - wheels_.right_angle) <= farthest));
  if (!readable) {
    return kWheelsUnreadable;
  }
  if (possible) {
    odometry_.update(now.left_angle, now.right_angle, dt);
  }
  wheels_ = now;
  wheels_seen_ = true;
  const double error =
      std::max(std::abs(now.left_speed - left_speed_), std::abs(now.right_speed - right_speed_));
  following_s_ = error > in.settings.slip.following_error ? following_s_ + dt : 0.0;
  return (possible ? 0U : kWheelsUnreadable) |
         (following_s_ > in.settings.slip.following_time ? kWheelsDoNotFollow : 0U);
}

std::uint32_t Core::watch_estop(const Inputs & in) const noexcept {
  const EstopLine & line = in.estop;
  if (line.received_ns == kNever) {
    return in.settings.estop_required ? kEstopUnheard : 0U;
  }
  // A line that cannot be read is reported as engaged too; only a pressed button is to latch.
  std::uint32_t causes = line.engaged && line.readable ? kEstopEngaged : 0U;
  if (in.settings.estop_required) {
    causes |= line.readable ? 0U : kEstopUnreadable;
    causes |= older(line.received_ns, in.now_ns, in.settings.estop_silence) ? kEstopSilent : 0U;
  }
  return causes;
}

std::uint32_t Core::watch_peers(const Inputs & in) noexcept {
  silent_peers_ = 0;
  const std::size_t count = std::min<std::size_t>(in.settings.peer_count, kMaxPeers);
  for (std::size_t i = 0; i < count; ++i) {
    if (older(in.peer_moved_ns[i], in.now_ns, in.settings.peer_silence)) {
      silent_peers_ |= 1U << i;
    }
  }
  return silent_peers_ != 0 ? kPeerSilent : 0U;
}

void Core::latch(std::uint32_t causes) noexcept {
  if ((causes & (kWheelsUnreadable | kWheelsDoNotFollow)) != 0) {
    latches_ |= kFaultLatched;
  }
  if ((causes & kEstopEngaged) != 0) {
    latches_ |= kEstopLatched;
  }
  if ((causes & kStopHeld) != 0) {
    latches_ |= kStopLatched;
  }
}

void Core::judge_reset(std::uint32_t causes, const Inputs & in) noexcept {
  if (in.reset_count == reset_count_) {
    return;
  }
  reset_count_ = in.reset_count;
  reset_blocking_ = causes & kStanding;
  reset_blocking_ |= at_rest() ? 0U : kBaseMoves;
  reset_blocking_ |= zero(wanted(in)) ? 0U : kCommandActive;
  if (reset_blocking_ == 0) {
    latches_ = 0;
    apply(Event::kReset);
  }
}

void Core::settle(std::uint32_t causes, const Inputs & in) noexcept {
  constexpr std::uint32_t kBlocking = kPeerSilent | kMiddlewareSilent | kEstopUnheard |
                                      kEstopUnreadable | kEstopSilent | kDrawerOpen;
  apply(in.configured ? Event::kConfigure : Event::kCleanup);
  if (in.configured) {
    apply(in.active ? Event::kActivate : Event::kDeactivate);
  }
  apply((causes & kBlocking) != 0 ? Event::kBlock : Event::kClear);
  if ((latches_ & kStopLatched) != 0) {
    apply(Event::kStop);
  }
  if ((latches_ & kEstopLatched) != 0) {
    apply(Event::kEstop);
  }
  if ((latches_ & kFaultLatched) != 0) {
    apply(Event::kFault);
  }
}

Velocity Core::wanted(const Inputs & in) const noexcept {
  if (in.mode == Mode::kNone) {
    return {};
  }
  const bool teleop = in.mode == Mode::kTeleop;
  const Command & command = teleop ? in.teleop : in.autonomous;
  const double timeout = teleop ? in.settings.teleop_deadman : in.settings.command_timeout;
  // Checked at the intake too; here it costs nothing, and nothing else may ever get through.
  if (older(command.received_ns, in.now_ns, timeout) || !finite(command.velocity)) {
    return {};
  }
  return command.velocity;
}

Velocity Core::released(const Velocity & wanted, const Inputs & in) noexcept {
  // Motion begins only with a command that comes after motion was allowed: a stream that went on
  // through a stop must first send zero, or pause.
  if (!may_move(state_) || in.mode != mode_) {
    fresh_needed_ = true;
    mode_ = in.mode;
  } else if (zero(wanted)) {
    fresh_needed_ = false;
  }
  return fresh_needed_ ? Velocity{} : wanted;
}

void Core::drive(const Velocity & target, double dt, const Settings & settings) noexcept {
  const bool hard = state_ == State::kEstop || state_ == State::kFault;
  const bool stopping = hard || state_ == State::kStopped || state_ == State::kProtectiveStop;
  // A stop that has begun goes on to rest, even when its cause has gone.
  braking_ = stopping || (braking_ && (linear_.speed() != 0.0 || angular_.speed() != 0.0));
  if (braking_) {
    linear_.brake(hard ? settings.estop_linear : settings.protective_linear, dt);
    angular_.brake(hard ? settings.estop_angular : settings.protective_angular, dt);
  } else {
    linear_.follow(target.linear, settings.linear, dt);
    angular_.follow(target.angular, settings.angular, dt);
  }
  const double difference = angular_.speed() * settings.speed.half_track;
  left_speed_ = (linear_.speed() - difference) / settings.speed.wheel_radius;
  right_speed_ = (linear_.speed() + difference) / settings.speed.wheel_radius;
}

bool Core::at_rest() const noexcept {
  const Velocity & measured = odometry_.velocity();
  return linear_.speed() == 0.0 && angular_.speed() == 0.0 &&
         std::abs(measured.linear) < kRestLinear && std::abs(measured.angular) < kRestAngular;
}

}  // namespace care_control

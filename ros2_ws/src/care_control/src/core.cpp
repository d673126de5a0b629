// SPDX-License-Identifier: Apache-2.0
#include "care_control/core.hpp"

#include <algorithm>
#include <cmath>

namespace care_control {
namespace {

constexpr double kRestLinear = 0.005;   // [m/s]
constexpr double kRestAngular = 0.01;   // [rad/s]
constexpr double kLongestStep = 0.01;   // [s]: after a stall speeds go on from where they were
constexpr double kRampStep = 0.001;     // [s]: longest step of a ramp
constexpr double kShortestStep = 1e-6;  // [s]: speeds are ways over time
constexpr double kAngleSlack = 0.1;     // [rad]: what an encoder may jump beyond its top speed
constexpr double kSlipDoubt = 100.0;    // on the variance of odometry while the wheels slip

// What holds the base without a latch.
constexpr std::uint32_t kBlocking = kPeerSilent | kMiddlewareSilent | kEstopUnheard |
                                    kEstopUnreadable | kEstopSilent | kDrawerOpen | kObstacle |
                                    kSurroundingsUnseen | kGyroSilent | kWheelsUnreadable |
                                    kJointUnreadable;

OdometrySettings geometry(const Settings & settings) noexcept {
  OdometrySettings odometry = settings.odometry;
  odometry.wheel_radius = settings.speed.wheel_radius;
  odometry.track = 2 * settings.speed.half_track;
  return odometry;
}

bool finite(const Wheels & wheels) noexcept {
  return wheels.valid && std::isfinite(wheels.left_angle) && std::isfinite(wheels.right_angle) &&
         std::isfinite(wheels.left_speed) && std::isfinite(wheels.right_speed);
}

Arbiter::Choice choice_of(const Inputs & in) noexcept {
  return {in.mode, in.autonomous, in.teleop, in.settings.command_timeout,
          in.settings.teleop_deadman};
}

}  // namespace

Core::Core(const Settings & settings) : odometry_(geometry(settings)) {}

Outputs Core::step(double dt, const Inputs & in) noexcept {
  ++cycle_;
  dt = dt > kShortestStep ? dt : kShortestStep;
  Outputs out;
  out.previous = state_;
  bounds_ = bounds_of(in.settings, lift(in.settings));
  const Velocity wanted = Arbiter::wanted(choice_of(in), in.now_ns);
  std::uint32_t causes = watch(dt, in);
  // Actuators that were never read hold the base; a reading that is lost again is a fault.
  latches_.take(torque_ ? causes : causes & ~(kWheelsUnreadable | kJointUnreadable), in.hardware);
  const std::uint32_t motion = (at_rest() ? 0U : kBaseMoves) | (zero(wanted) ? 0U : kCommandActive);
  if (latches_.judge(in.reset_count, in.now_ns, causes, motion)) {
    joints_.reset();
    apply(Event::kReset);
  }
  settle(causes, in);

  const bool permitted = may_move(state_) || (state_ == State::kProtectiveStop && obstacle_only_);
  const Velocity target = arbiter_.released(wanted, in.mode, permitted);
  const Limited limited = limit(target, in);
  drive(limited.velocity, std::min(dt, kLongestStep), in.settings);
  const bool rests = at_rest() && zero(limited.velocity);
  apply(rests ? Event::kRest : limited.reduced ? Event::kLimit : Event::kMove);
  torque_ = torque(in.settings);
  move_joints(std::min(dt, kLongestStep), in, out);

  out.causes = report_causes(causes, limited, in);
  report(limited, in, out);
  return out;
}

std::uint32_t Core::watch(double dt, const Inputs & in) noexcept {
  std::uint32_t causes = watch_wheels(dt, in) | watch_estop(in) | watch_stops(in) |
                         watch_peers(in) | watch_surroundings(dt, in);
  causes |=
      older(in.written_ns, in.now_ns, in.settings.middleware_silence) ? kMiddlewareSilent : 0U;
  causes |= joints_.read(dt, in.hardware, in.settings.joints, torque_);
  causes |= in.hardware.faults != 0 ? kHardwareFault : 0U;
  causes |= in.drawer_open ? kDrawerOpen : 0U;
  causes |= in.configured ? 0U : kNotConfigured;
  causes |= in.active ? 0U : kNotActive;
  return causes;
}

std::uint32_t Core::watch_wheels(double dt, const Inputs & in) noexcept {
  const std::uint32_t causes = take_wheels(dt, in);
  const WheelWatch watch{wheels_, left_speed_, right_speed_,        odometry_.velocity().angular,
                         torque_, at_rest(),   in.surroundings.gyro};
  return causes | slip_.update(dt, in.now_ns, watch, in.settings.slip);
}

std::uint32_t Core::take_wheels(double dt, const Inputs & in) noexcept {
  const Wheels & now = in.hardware.wheels;
  unread_s_ += dt;
  if (!finite(now)) {
    return !wheels_seen_ || unread_s_ > in.settings.wheel_dropout ? kWheelsUnreadable : 0U;
  }
  const double farthest = in.settings.speed.wheel * 2 * unread_s_ + kAngleSlack;
  const bool possible =
      !wheels_seen_ ||
      (std::abs(odometry_.turned(wheels_.left_angle, now.left_angle)) <= farthest &&
       std::abs(odometry_.turned(wheels_.right_angle, now.right_angle)) <= farthest);
  if (possible) {
    odometry_.update(now.left_angle, now.right_angle, unread_s_, slip_.slips() ? kSlipDoubt : 1.0);
  }
  wheels_ = now;
  wheels_seen_ = true;
  unread_s_ = 0.0;
  return possible ? 0U : kWheelsUnreadable;
}

std::uint32_t Core::watch_estop(const Inputs & in) noexcept {
  const EstopLine & line = in.estop;
  // A counter: a line that was released again before this cycle latches all the same.
  std::uint32_t causes = in.estop_count != estop_count_ ? kEstopEngaged : 0U;
  estop_count_ = in.estop_count;
  if (line.received_ns == kNever) {
    return causes | (in.settings.estop_required ? kEstopUnheard : 0U);
  }
  // A line that cannot be read is reported as engaged too; only a pressed button is to latch.
  causes |= line.engaged && line.readable ? kEstopEngaged : 0U;
  if (in.settings.estop_required) {
    causes |= line.readable ? 0U : kEstopUnreadable;
    causes |= older(line.received_ns, in.now_ns, in.settings.estop_silence) ? kEstopSilent : 0U;
  }
  return causes;
}

std::uint32_t Core::watch_stops(const Inputs & in) noexcept {
  const bool held = in.stops_held > 0 || in.stop_count != stop_count_;
  stop_count_ = in.stop_count;
  return held ? kStopHeld : 0U;
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

std::uint32_t Core::watch_surroundings(double dt, const Inputs & in) noexcept {
  const Velocity moving{linear_.speed(), angular_.speed()};
  seen_ = separation_.update(in.surroundings, in.now_ns, dt, moving,
                             Arbiter::wanted(choice_of(in), in.now_ns), in.settings.separation,
                             bounds_.protective);
  const bool scan_stale = (seen_.stale & 1U) != 0;
  const bool unseen = scan_stale || (seen_.stale != 0 && seen_.stopped);
  return (unseen ? kSurroundingsUnseen : 0U) | (seen_.stopped && !scan_stale ? kObstacle : 0U);
}

void Core::settle(std::uint32_t causes, const Inputs & in) noexcept {
  apply(in.configured ? Event::kConfigure : Event::kCleanup);
  if (in.configured) {
    apply(in.active ? Event::kActivate : Event::kDeactivate);
  }
  obstacle_only_ = (causes & kBlocking) == kObstacle;
  apply((causes & kBlocking) != 0 ? Event::kBlock : Event::kClear);
  if (latches_.stopped()) {
    apply(Event::kStop);
  }
  if (latches_.estopped()) {
    apply(Event::kEstop);
  }
  if (latches_.faulty()) {
    apply(Event::kFault);
  }
}

LiftState Core::lift(const Settings & settings) const noexcept {
  const LiftSettings & own = settings.lift;
  if (!own.present || own.joint >= kMaxJoints) {
    return {};
  }
  const JointsReport & joints = joints_.report();
  const JointReading & reading = joints.measured[own.joint];
  const JointSettings & limits = settings.joints.joint[own.joint];
  const double span = limits.upper - limits.lower;
  const bool known = reading.valid && (joints.homed >> own.joint & 1U) != 0 && span > 0.0;
  return {known ? (reading.position - limits.lower) / span : 1.0,
          (joints.moving >> own.joint & 1U) != 0};
}

Limited Core::limit(const Velocity & target, const Inputs & in) noexcept {
  caps_ = bounds_.speed;
  caps_.linear = std::min(caps_.linear, seen_.forward);
  caps_.reverse = std::min(caps_.reverse, seen_.reverse);
  caps_.angular = std::min(caps_.angular, seen_.turning);
  const double slip = in.settings.slip.slip_speed;
  if (slip_.slips()) {
    caps_.linear = std::min(caps_.linear, slip);
    caps_.reverse = std::min(caps_.reverse, slip);
    caps_.angular = std::min(caps_.angular, slip / in.settings.speed.half_track);
  }
  Limited limited = within(target, caps_);
  if (limited.limiter == Limiter::kSpeed) {
    const bool back = target.linear < 0.0;
    const double own = back ? bounds_.speed.reverse : bounds_.speed.linear;
    const double free = back ? seen_.reverse : seen_.forward;
    if (slip_.slips() && slip < std::min(own, free)) {
      limited.limiter = Limiter::kSlip;
    } else if (free < own || seen_.turning < bounds_.speed.angular) {
      limited.limiter = Limiter::kSeparation;
    } else if (bounds_.by_lift) {
      limited.limiter = Limiter::kLift;
    }
  }
  return limited;
}

void Core::drive(const Velocity & target, double dt, const Settings & settings) noexcept {
  const bool hard = state_ == State::kEstop || state_ == State::kFault;
  const bool stopping = hard || state_ == State::kStopped || state_ == State::kProtectiveStop;
  // A stop that has begun goes on to rest, even when its cause has gone.
  braking_ = stopping || (braking_ && (linear_.speed() != 0.0 || angular_.speed() != 0.0));
  if (braking_) {
    const Braking & braking = hard ? bounds_.estop : bounds_.protective;
    linear_.brake(braking.linear, dt);
    angular_.brake(braking.angular, dt);
  } else {
    // Missed cycles are made up for one by one: a ramp lands exactly only by even steps.
    const int steps = std::max(1, static_cast<int>(std::ceil(dt / kRampStep - 1e-6)));
    for (int i = 0; i < steps; ++i) {
      ramp(target, dt / steps);
    }
  }
  const double difference = angular_.speed() * settings.speed.half_track;
  left_speed_ = (linear_.speed() - difference) / settings.speed.wheel_radius;
  right_speed_ = (linear_.speed() + difference) / settings.speed.wheel_radius;
}

void Core::ramp(const Velocity & target, double dt) noexcept {
  const double heading = linear_.speed() != 0.0 ? linear_.speed() : target.linear;
  const AxisLimits & linear = heading < 0.0 ? bounds_.reverse : bounds_.forward;
  const Velocity aim =
      hold_back(target, {linear_.peak(linear.jerk, dt), angular_.peak(bounds_.angular.jerk, dt)},
                bounds_.speed);
  linear_.follow(aim.linear, linear, dt);
  angular_.follow(aim.angular, bounds_.angular, dt);
}

void Core::move_joints(double dt, const Inputs & in, Outputs & out) noexcept {
  JointPermit permit{torque_, may_move(state_), 0};
  const LiftSettings & lift = in.settings.lift;
  const double fastest = std::max(std::abs(linear_.speed()),
                                  std::abs(angular_.speed()) * in.settings.speed.half_track);
  if (lift.present && lift.joint < kMaxJoints && fastest > lift.moving_speed + 1e-6) {
    permit.held = 1U << lift.joint;
  }
  joints_.move(dt, in.now_ns, in.trajectory, in.home_count, in.settings.joints, permit,
               out.command.joint_position);
}

bool Core::torque(const Settings & settings) const noexcept {
  const auto keep = [this](StopCategory category) {
    return torque_ && category != StopCategory::kTorqueOff &&
           (category == StopCategory::kBrakeAndHold || !at_rest());
  };
  switch (state_) {
    case State::kEstop:
    case State::kFault:
      return keep(settings.estop_category);
    case State::kStopped:
      return keep(settings.stop_category);
    case State::kInit:
    case State::kInactive:
      return keep(StopCategory::kBrakeThenTorqueOff);
    default:
      return wheels_seen_ && joints_.ready(settings.joints);
  }
}

bool Core::at_rest() const noexcept {
  const Velocity & measured = odometry_.velocity();
  return linear_.speed() == 0.0 && angular_.speed() == 0.0 &&
         std::abs(measured.linear) < kRestLinear && std::abs(measured.angular) < kRestAngular;
}

std::uint32_t Core::report_causes(std::uint32_t causes, const Limited & limited,
                                  const Inputs & in) const noexcept {
  causes |= latches_.latched() | latches_.faults();
  causes |= limited.reduced && may_move(state_) ? kSpeedReduced : 0U;
  causes |= arbiter_.fresh_needed() && may_move(state_) ? kCommandNotFresh : 0U;
  causes |= in.mode == Mode::kNone ? kNoMode : 0U;
  const LiftSettings & own = in.settings.lift;
  const bool homed =
      !own.present || own.joint >= kMaxJoints || (joints_.report().homed >> own.joint & 1U) != 0;
  return causes | (homed ? 0U : kJointNotHomed);
}

void Core::report(const Limited & limited, const Inputs & in, Outputs & out) const noexcept {
  out.cycle = cycle_;
  out.now_ns = in.now_ns;
  out.state = state_;
  out.silent_peers = silent_peers_;
  out.applied = {linear_.speed(), angular_.speed()};
  if (may_move(state_)) {
    out.allowed = {caps_.linear, caps_.angular};
  }
  out.limiter = may_move(state_) ? limited.limiter : Limiter::kNone;
  out.command.torque = torque_;
  out.command.left_speed = left_speed_;
  out.command.right_speed = right_speed_;
  out.hardware_faults = latches_.hardware_faults();
  out.faulty_actuators = latches_.actuators();
  out.separation = seen_;
  out.joints = joints_.report();
  out.at_rest = at_rest();
  out.wheels = wheels_;
  out.pose = odometry_.pose();
  out.measured = odometry_.velocity();
  out.covariance = odometry_.covariance();
  out.velocity_covariance = odometry_.velocity_covariance();
  out.reset_count = latches_.reset_count();
  out.reset_blocking = latches_.reset_blocking();
}

}  // namespace care_control

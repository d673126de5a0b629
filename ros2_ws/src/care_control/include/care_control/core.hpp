// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "care_control/arbiter.hpp"
#include "care_control/causes.hpp"
#include "care_control/hardware.hpp"
#include "care_control/joint_motion.hpp"
#include "care_control/latches.hpp"
#include "care_control/lift.hpp"
#include "care_control/limits.hpp"
#include "care_control/odometry.hpp"
#include "care_control/separation.hpp"
#include "care_control/settings.hpp"
#include "care_control/slip.hpp"
#include "care_control/states.hpp"
#include "care_control/steady_time.hpp"
#include "care_control/surroundings.hpp"

namespace care_control {

constexpr std::size_t kMaxPeers = 16;

/// The emergency-stop line as last heard.
struct EstopLine {
  bool engaged = false;
  bool readable = false;
  std::int64_t received_ns = kNever;
};

/// All that one cycle sees. Steady times in ns.
struct Inputs {
  std::int64_t now_ns = 0;
  std::int64_t written_ns = kNever;  ///< when the middleware thread last wrote
  bool configured = false;
  bool active = false;
  Mode mode = Mode::kNone;
  Command autonomous;
  Command teleop;
  std::uint64_t stop_count = 0;   ///< stops ever engaged: each one latches, however short
  std::uint32_t stops_held = 0;   ///< sources that hold their stop now
  std::uint64_t reset_count = 0;  ///< resets ever asked for
  EstopLine estop;
  bool drawer_open = false;
  std::uint64_t estop_count = 0;                        ///< times the line was heard engaged
  std::array<std::int64_t, kMaxPeers> peer_moved_ns{};  ///< when each counter last moved
  Surroundings surroundings;
  JointTrajectory trajectory;
  std::uint64_t home_count = 0;  ///< times that homing was asked for
  Settings settings;
  HardwareState hardware;
};

/// All that one cycle says.
struct Outputs {
  std::uint64_t cycle = 0;
  std::int64_t now_ns = 0;
  State state = State::kInit;
  State previous = State::kInit;
  std::uint32_t causes = 0;            ///< bits of Cause
  std::uint32_t silent_peers = 0;      ///< bit i: peer i
  Velocity applied;                    ///< what the base is told
  Velocity allowed;                    ///< largest speeds now
  Limiter limiter = Limiter::kNone;    ///< what reduces the speed most
  HardwareCommand command;             ///< what the actuators are told
  std::uint32_t hardware_faults = 0;   ///< bits of HardwareFault, kept until a reset
  std::uint32_t faulty_actuators = 0;  ///< bit i: actuator i, kept until a reset
  SeparationReport separation;
  JointsReport joints;
  bool at_rest = true;
  Wheels wheels;
  Pose pose;
  Velocity measured;
  std::array<double, 9> covariance{};           ///< of x, y, yaw
  std::array<double, 4> velocity_covariance{};  ///< of linear and turning speed
  std::uint64_t reset_count = 0;                ///< the last reset that was judged
  std::uint32_t reset_blocking = 0;  ///< bits of Cause: why it was refused, 0 if accepted
};

static_assert(std::is_trivially_copyable_v<Inputs>, "goes through a mailbox");
static_assert(std::is_trivially_copyable_v<Outputs>, "goes through a mailbox");

/// The control law: what the base may do now. Knows no ROS, allocates nothing, throws nothing,
/// takes no lock, reads no clock: the same inputs give the same outputs, byte by byte.
class Core {
 public:
  /// @param settings  Geometry is taken from here; the rest comes with the inputs of each cycle.
  explicit Core(const Settings & settings);

  /// One cycle, `dt` seconds after the last.
  Outputs step(double dt, const Inputs & in) noexcept;

 private:
  std::uint32_t watch(double dt, const Inputs & in) noexcept;
  std::uint32_t watch_wheels(double dt, const Inputs & in) noexcept;
  std::uint32_t take_wheels(double dt, const Inputs & in) noexcept;
  std::uint32_t watch_estop(const Inputs & in) noexcept;
  std::uint32_t watch_stops(const Inputs & in) noexcept;
  std::uint32_t watch_peers(const Inputs & in) noexcept;
  std::uint32_t watch_surroundings(double dt, const Inputs & in) noexcept;
  void settle(std::uint32_t causes, const Inputs & in) noexcept;
  void apply(Event event) noexcept { state_ = after(state_, event); }
  LiftState lift(const Settings & settings) const noexcept;
  Limited limit(const Velocity & target, const Inputs & in) noexcept;
  void drive(const Velocity & target, double dt, const Settings & settings) noexcept;
  void ramp(const Velocity & target, double dt) noexcept;
  void move_joints(double dt, const Inputs & in, Outputs & out) noexcept;
  bool torque(const Settings & settings) const noexcept;
  bool at_rest() const noexcept;
  std::uint32_t report_causes(std::uint32_t causes, const Limited & limited,
                              const Inputs & in) const noexcept;
  void report(const Limited & limited, const Inputs & in, Outputs & out) const noexcept;

  Arbiter arbiter_;
  Latches latches_;
  Separation separation_;
  SeparationReport seen_;
  SlipWatch slip_;
  JointMotion joints_;
  Odometry odometry_;
  Bounds bounds_{};
  SpeedLimits caps_{};  ///< bounds, surroundings and slip together
  AxisRamp linear_;
  AxisRamp angular_;
  State state_ = State::kInit;
  std::uint64_t cycle_ = 0;
  std::uint64_t stop_count_ = 0;
  std::uint64_t estop_count_ = 0;
  std::uint32_t silent_peers_ = 0;
  bool braking_ = false;
  bool obstacle_only_ = false;  ///< nothing but an obstacle holds the base
  bool torque_ = false;
  double unread_s_ = 0.0;  ///< without a reading of the wheels
  double left_speed_ = 0.0;
  double right_speed_ = 0.0;
  Wheels wheels_;
  bool wheels_seen_ = false;
};

}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "care_control/limits.hpp"
#include "care_control/odometry.hpp"
#include "care_control/simulated_base.hpp"
#include "care_control/states.hpp"

namespace care_control {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();
constexpr std::size_t kMaxPeers = 16;

/// Who commands the base; the numbers are those of care_msgs/SetMode.
enum class Mode : std::uint8_t { kNone = 0, kAutonomous = 1, kTeleop = 2 };

/// Why the robot does not move as wanted: bits of `Outputs::causes` and `Outputs::reset_blocking`.
enum Cause : std::uint32_t {
  kWheelsUnreadable = 1U << 0,   ///< no or impossible wheel angles
  kWheelsDoNotFollow = 1U << 1,  ///< measured speed differs from the command for too long
  kFaultLatched = 1U << 2,
  kEstopEngaged = 1U << 3,
  kEstopUnreadable = 1U << 4,
  kEstopSilent = 1U << 5,   ///< was heard before
  kEstopUnheard = 1U << 6,  ///< never heard since the start
  kEstopLatched = 1U << 7,
  kStopHeld = 1U << 8,  ///< a source still says stop
  kStopLatched = 1U << 9,
  kPeerSilent = 1U << 10,
  kMiddlewareSilent = 1U << 11,
  kNotConfigured = 1U << 12,
  kNotActive = 1U << 13,
  kNoMode = 1U << 14,
  kCommandNotFresh = 1U << 15,  ///< motion was wanted before it was allowed
  kSpeedReduced = 1U << 16,
  kBaseMoves = 1U << 17,      ///< for a reset only
  kCommandActive = 1U << 18,  ///< for a reset only
  kDrawerOpen = 1U << 19
};

/// Values that do not change from cycle to cycle; live parameters change them.
struct Settings {
  SpeedLimits speed;
  AxisLimits linear{0.6, 1.0, 3.0};
  AxisLimits angular{1.5, 2.5, 10.0};
  double protective_linear = 2.0;   ///< deceleration of STOPPED and PROTECTIVE_STOP [m/s^2]
  double protective_angular = 4.0;  ///< [rad/s^2]
  double estop_linear = 3.0;        ///< deceleration of ESTOP and FAULT [m/s^2]
  double estop_angular = 6.0;       ///< [rad/s^2]
  double command_timeout = 0.25;    ///< of cmd_vel [s]
  double teleop_deadman = 0.2;      ///< of cmd_vel_teleop [s]
  double peer_silence = 1.0;        ///< until a required node counts as silent [s]
  double estop_silence = 1.0;       ///< until the line counts as silent [s]
  double middleware_silence = 0.5;  ///< until the middleware thread counts as hung [s]
  double following_error = 3.0;     ///< of a wheel's speed [rad/s]
  double following_time = 0.5;      ///< until a following error is a fault [s]
  bool estop_required = true;       ///< motion needs a readable, released line
  std::uint32_t peer_count = 0;     ///< how many of `Inputs::peer_moved_ns` are required
};

/// The newest accepted command of one source.
struct Command {
  Velocity velocity;
  std::int64_t received_ns = kNever;  ///< steady time
};

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
  Settings settings;
  Wheels wheels;
};

/// All that one cycle says.
struct Outputs {
  std::uint64_t cycle = 0;
  std::int64_t now_ns = 0;
  State state = State::kInit;
  State previous = State::kInit;
  std::uint32_t causes = 0;        ///< bits of Cause
  std::uint32_t silent_peers = 0;  ///< bit i: peer i
  Velocity applied;                ///< what the base is told
  Velocity allowed;                ///< largest speeds now
  double left_speed = 0.0;         ///< commanded wheel speed [rad/s]
  double right_speed = 0.0;        ///< [rad/s]
  bool at_rest = true;
  Wheels wheels;
  Pose pose;
  Velocity measured;
  std::array<double, 9> covariance{};
  std::uint64_t reset_count = 0;     ///< the last reset that was judged
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
  std::uint32_t watch_estop(const Inputs & in) const noexcept;
  std::uint32_t watch_peers(const Inputs & in) noexcept;
  void latch(std::uint32_t causes) noexcept;
  void judge_reset(std::uint32_t causes, const Inputs & in) noexcept;
  void settle(std::uint32_t causes, const Inputs & in) noexcept;
  void apply(Event event) noexcept { state_ = after(state_, event); }
  Velocity wanted(const Inputs & in) const noexcept;
  Velocity released(const Velocity & wanted, const Inputs & in) noexcept;
  void drive(const Velocity & target, double dt, const Settings & settings) noexcept;
  bool at_rest() const noexcept;

  Odometry odometry_;
  AxisRamp linear_;
  AxisRamp angular_;
  State state_ = State::kInit;
  Mode mode_ = Mode::kNone;
  std::uint64_t cycle_ = 0;
  std::uint64_t stop_count_ = 0;
  std::uint64_t estop_count_ = 0;
  std::uint64_t reset_count_ = 0;
  std::uint32_t reset_blocking_ = 0;
  std::uint32_t latches_ = 0;
  std::uint32_t silent_peers_ = 0;
  bool fresh_needed_ = true;
  bool braking_ = false;
  double following_s_ = 0.0;
  double left_speed_ = 0.0;
  double right_speed_ = 0.0;
  Wheels wheels_;
  bool wheels_seen_ = false;
};

}  // namespace care_control

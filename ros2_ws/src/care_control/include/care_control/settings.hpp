// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "care_control/hardware.hpp"
#include "care_control/joint_motion.hpp"
#include "care_control/limits.hpp"
#include "care_control/odometry.hpp"
#include "care_control/separation.hpp"
#include "care_control/slip.hpp"

namespace care_control {

/// How a latched stop ends motion; the numbers are the categories of IEC 60204-1.
enum class StopCategory : std::uint8_t {
  kTorqueOff = 0,           ///< at once; brakes and friction do the rest
  kBrakeThenTorqueOff = 1,  ///< under control to rest, then without torque
  kBrakeAndHold = 2,        ///< under control to rest, then held there
};

/// What the lift asks of the base.
struct LiftSettings {
  std::uint32_t joint = 0;  ///< which joint it is
  bool present = false;
  double half_base = 0.20;       ///< from the centre of mass to the nearest tipping edge [m]
  double mass_height = 0.30;     ///< of the centre of mass with the lift down [m]
  double mass_height_up = 0.50;  ///< with the lift fully raised [m]
  double tip_share = 0.5;        ///< of the tipping acceleration that ordinary motion may use
  double tip_share_stop = 0.9;   ///< that stops may use
  double raised_speed = 0.3;     ///< largest speed with the lift fully raised [m/s]
  double moving_speed = 0.05;    ///< largest speed of the base while the lift moves [m/s]
};

/// Values that do not change from cycle to cycle; live parameters change them.
struct Settings {
  SpeedLimits speed;
  AxisLimits linear{0.6, 1.0, 3.0};
  AxisLimits linear_reverse{0.6, 1.0, 3.0};
  AxisLimits angular{1.5, 2.5, 10.0};
  double protective_linear = 2.0;   ///< deceleration of STOPPED and PROTECTIVE_STOP [m/s^2]
  double protective_angular = 4.0;  ///< [rad/s^2]
  double estop_linear = 3.0;        ///< deceleration of ESTOP and FAULT [m/s^2]
  double estop_angular = 6.0;       ///< [rad/s^2]
  StopCategory stop_category = StopCategory::kBrakeAndHold;  ///< of STOPPED
  StopCategory estop_category = StopCategory::kTorqueOff;    ///< of ESTOP and FAULT
  double command_timeout = 0.25;                             ///< of cmd_vel [s]
  double teleop_deadman = 0.2;                               ///< of cmd_vel_teleop [s]
  double peer_silence = 1.0;        ///< until a required node counts as silent [s]
  double estop_silence = 1.0;       ///< until the line counts as silent [s]
  double middleware_silence = 0.5;  ///< until the middleware thread counts as hung [s]
  double wheel_dropout = 0.02;      ///< of readings that odometry bridges, longer is a fault [s]
  bool estop_required = true;       ///< motion needs a readable, released line
  std::uint32_t peer_count = 0;     ///< how many of `Inputs::peer_moved_ns` are required
  OdometrySettings odometry;        ///< its radius and track are those of `speed`
  SeparationSettings separation;
  SlipSettings slip;
  LiftSettings lift;
  JointsSettings joints;
};

}  // namespace care_control

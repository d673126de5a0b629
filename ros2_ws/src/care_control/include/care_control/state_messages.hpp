// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <care_msgs/msg/safety_state.hpp>
#include <geometry_msgs/msg/transform_stamped.hpp>
#include <geometry_msgs/msg/twist_stamped.hpp>
#include <nav_msgs/msg/odometry.hpp>
#include <sensor_msgs/msg/battery_state.hpp>
#include <sensor_msgs/msg/joint_state.hpp>

#include <string>
#include <vector>

#include "care_control/control_loop.hpp"

namespace care_control {

/// Names of frames, with the robot's prefix.
struct Frames {
  std::string odom;
  std::string base;
};

// Outputs of the control thread as messages; stamps are the caller's.
void fill(const Outputs & outputs, const Frames & frames, nav_msgs::msg::Odometry & message);
void fill(const Outputs & outputs, const Frames & frames,
          geometry_msgs::msg::TransformStamped & message);
void fill(const Outputs & outputs, const Frames & frames,
          geometry_msgs::msg::TwistStamped & message);
void fill(const BatteryReport & battery, sensor_msgs::msg::BatteryState & message);
void fill(const Outputs & outputs, const std::vector<std::string> & wheel_joints,
          const std::vector<std::string> & joints, sensor_msgs::msg::JointState & message);

}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#include "care_control/state_messages.hpp"

#include <cmath>
#include <limits>

namespace care_control {
namespace {

constexpr double kNotObserved = 1e6;  // variance of axes that a floor fixes or nobody measures

void rotate(double yaw, geometry_msgs::msg::Quaternion & rotation) {
  rotation.z = std::sin(yaw / 2);
  rotation.w = std::cos(yaw / 2);
}

}  // namespace

void fill(const Outputs & outputs, const Frames & frames, nav_msgs::msg::Odometry & message) {
  message.header.frame_id = frames.odom;
  message.child_frame_id = frames.base;
  message.pose.pose.position.x = outputs.pose.x;
  message.pose.pose.position.y = outputs.pose.y;
  rotate(outputs.pose.yaw, message.pose.pose.orientation);
  message.twist.twist.linear.x = outputs.measured.linear;
  message.twist.twist.angular.z = outputs.measured.angular;
  constexpr std::size_t kAxes[] = {0, 1, 5};  // x, y, yaw among x y z roll pitch yaw
  for (std::size_t axis = 2; axis < 5; ++axis) {
    message.pose.covariance[axis * 7] = kNotObserved;
  }
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      message.pose.covariance[kAxes[row] * 6 + kAxes[column]] =
          outputs.covariance[row * 3 + column];
    }
  }
  for (std::size_t axis = 0; axis < 6; ++axis) {
    message.twist.covariance[axis * 7] = kNotObserved;
  }
  if ((outputs.causes & kWheelsUnreadable) != 0) {  // the speed is the last one known
    message.twist.covariance[0] = message.twist.covariance[35] = kNotObserved;
    return;
  }
  message.twist.covariance[0] = outputs.velocity_covariance[0];
  message.twist.covariance[5] = outputs.velocity_covariance[1];
  message.twist.covariance[30] = outputs.velocity_covariance[2];
  message.twist.covariance[35] = outputs.velocity_covariance[3];
}

void fill(const Outputs & outputs, const Frames & frames,
          geometry_msgs::msg::TransformStamped & message) {
  message.header.frame_id = frames.odom;
  message.child_frame_id = frames.base;
  message.transform.translation.x = outputs.pose.x;
  message.transform.translation.y = outputs.pose.y;
  rotate(outputs.pose.yaw, message.transform.rotation);
}

void fill(const Outputs & outputs, const Frames & frames,
          geometry_msgs::msg::TwistStamped & message) {
  message.header.frame_id = frames.base;
  message.twist.linear.x = outputs.applied.linear;
  message.twist.angular.z = outputs.applied.angular;
}

void fill(const BatteryReport & battery, sensor_msgs::msg::BatteryState & message) {
  using Battery = sensor_msgs::msg::BatteryState;
  message.voltage = static_cast<float>(battery.voltage);
  message.current = static_cast<float>(battery.current);
  message.percentage = static_cast<float>(battery.charge);
  message.design_capacity = static_cast<float>(battery.capacity / 24.0);  // [A.h] at 24 V
  message.capacity = message.design_capacity;
  message.charge = message.capacity * message.percentage;
  message.temperature = std::numeric_limits<float>::quiet_NaN();
  message.power_supply_status = Battery::POWER_SUPPLY_STATUS_DISCHARGING;
  message.power_supply_health = Battery::POWER_SUPPLY_HEALTH_GOOD;
  message.power_supply_technology = Battery::POWER_SUPPLY_TECHNOLOGY_LIFE;
  message.present = true;
  message.location = "simulated";
}

void fill(const Outputs & outputs, const std::vector<std::string> & wheel_joints,
          const std::vector<std::string> & joints, sensor_msgs::msg::JointState & message) {
  message.name = wheel_joints;
  message.position = {outputs.wheels.left_angle, outputs.wheels.right_angle};
  message.velocity = {outputs.wheels.left_speed, outputs.wheels.right_speed};
  for (std::size_t i = 0; i < joints.size(); ++i) {
    const JointReading & joint = outputs.joints.measured[i];
    if (joint.valid) {  // what is not measured is not said
      message.name.push_back(joints[i]);
      message.position.push_back(joint.position);
      message.velocity.push_back(joint.velocity);
    }
  }
}

}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
// What the control node hears of surroundings and joints.
#include <care_rcl/qos.hpp>

#include <string>

#include "care_control/control_node.hpp"

namespace care_control {
namespace {

using care_rcl::steady_ns;
namespace qos = care_rcl::qos;

/// Say it the first times, then now and then.
bool is_news(std::uint64_t count) {
  return count <= 3 || count % 100 == 0;
}

}  // namespace

void ControlNode::make_sensor_subscriptions(care_rcl::WaitLoop & loop) {
  subscribe<trajectory_msgs::msg::JointTrajectory>(loop, "joint_trajectory", qos::command(),
                                                   [this](const auto & m) { take_trajectory(m); });
  if (hardware_.simulated) {
    return;  // the simulated robot has its own sensors
  }
  subscribe<sensor_msgs::msg::LaserScan>(loop, "scan", qos::sensor(),
                                         [this](const auto & m) { take_scan(m); });
  subscribe<sensor_msgs::msg::Imu>(loop, "imu/data", qos::sensor(),
                                   [this](const auto & m) { take_imu(m); });
  for (std::size_t i = 0; i < names_.ranges.size(); ++i) {
    subscribe<sensor_msgs::msg::Range>(loop, "range/" + names_.ranges[i], qos::sensor(),
                                       [this, i](const auto & m) { take_range(i, m); });
  }
}

Timing ControlNode::timing(const builtin_interfaces::msg::Time & stamp) const {
  return {care_rcl::to_nanoseconds(stamp), node_.now_ns(), steady_ns()};
}

void ControlNode::take_sensor(const std::string & topic, SensorRefusal refusal) {
  if (refusal == SensorRefusal::kNone) {
    inputs_.surroundings = surroundings_.surroundings();
    write_inputs();
  } else if (const auto count = surroundings_.refused(refusal); is_news(count)) {
    node_.log().warn("Refused a message on " + topic + ": " + name_of(refusal) + " (" +
                     std::to_string(count) + " so far)");
  }
}

void ControlNode::take_scan(const sensor_msgs::msg::LaserScan & message) {
  const RawScan raw{message.angle_min, message.angle_increment, message.range_min,
                    message.range_max, message.ranges.data(),   message.ranges.size()};
  take_sensor("scan", surroundings_.take_scan(raw, timing(message.header.stamp)));
}

void ControlNode::take_range(std::size_t sensor, const sensor_msgs::msg::Range & message) {
  const RawRange raw{message.field_of_view, message.min_range, message.max_range, message.range};
  take_sensor("range/" + names_.ranges[sensor],
              surroundings_.take_range(sensor, raw, timing(message.header.stamp)));
}

void ControlNode::take_imu(const sensor_msgs::msg::Imu & message) {
  // REP 145: a first element of -1 says that this is not measured.
  const bool known = message.angular_velocity_covariance[0] >= 0.0;
  take_sensor("imu/data", surroundings_.take_gyro(message.angular_velocity.z, known,
                                                  timing(message.header.stamp)));
}

void ControlNode::take_trajectory(const trajectory_msgs::msg::JointTrajectory & message) {
  RawTrajectory raw{message.joint_names, {}};
  for (const auto & point : message.points) {
    raw.points.push_back(
        {point.time_from_start.sec + point.time_from_start.nanosec * 1e-9, point.positions});
  }
  const std::string refusal = trajectories_.take(raw, steady_ns());
  if (refusal.empty()) {
    inputs_.trajectory = trajectories_.newest();
    write_inputs();
  } else if (is_news(trajectories_.refused())) {
    node_.log().warn("Refused a joint trajectory: " + refusal);
  }
}

void ControlNode::home_joints(const std_srvs::srv::Trigger::Request &,
                              std_srvs::srv::Trigger::Response & response) {
  const Outputs outputs = loop_.outputs();
  response.success = may_move(outputs.state);
  if (!response.success) {
    response.message =
        std::string("Joints move only while control may move: it is ") + name_of(outputs.state);
    return;
  }
  ++inputs_.home_count;
  write_inputs();
  response.message = "homing begun";
}

}  // namespace care_control

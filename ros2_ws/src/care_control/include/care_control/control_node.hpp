// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <care_msgs/msg/drawers_state.hpp>
#include <care_msgs/msg/estop_sense.hpp>
#include <care_msgs/msg/heartbeat.hpp>
#include <care_msgs/msg/safety_state.hpp>
#include <care_msgs/msg/stop.hpp>
#include <care_msgs/srv/reset.hpp>
#include <care_msgs/srv/set_mode.hpp>
#include <sensor_msgs/msg/imu.hpp>
#include <sensor_msgs/msg/laser_scan.hpp>
#include <sensor_msgs/msg/range.hpp>
#include <std_srvs/srv/trigger.hpp>
#include <tf2_msgs/msg/tf_message.hpp>
#include <trajectory_msgs/msg/joint_trajectory.hpp>

#include <care_rcl/diagnostics.hpp>
#include <care_rcl/heartbeat.hpp>
#include <care_rcl/lifecycle.hpp>
#include <care_rcl/parameters.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "care_control/command_intake.hpp"
#include "care_control/control_loop.hpp"
#include "care_control/control_parameters.hpp"
#include "care_control/peers.hpp"
#include "care_control/robot_parameters.hpp"
#include "care_control/state_messages.hpp"
#include "care_control/stop_sources.hpp"
#include "care_control/surroundings_intake.hpp"
#include "care_control/trajectory_intake.hpp"

namespace care_control {

/// The node `control`: everything between ROS and the control thread. Lives in one thread, the one
/// that spins the loop; all entities are made here and stay until the end.
class ControlNode {
 public:
  /// Make all entities and start the control thread. The node comes up INACTIVE.
  /// @param degradations  What the process could not get for real-time work.
  /// @throws care_rcl::ConfigurationError for parameters that make no sense.
  ControlNode(care_rcl::Context & context, care_rcl::WaitLoop & loop, Degradations degradations);

  /// Bring the base to rest, then end the control thread; takes two seconds at most.
  void shut_down();

 private:
  using Twist = geometry_msgs::msg::TwistStamped;

  template <typename Message, typename Callback>
  void subscribe(care_rcl::WaitLoop & loop, const std::string & topic,
                 const rmw_qos_profile_t & profile, Callback callback) {
    entities_.push_back(std::make_unique<care_rcl::Subscription<Message>>(node_, topic, profile,
                                                                          std::move(callback)));
    loop.add(*entities_.back());
  }
  void make_subscriptions(care_rcl::WaitLoop & loop);
  void make_sensor_subscriptions(care_rcl::WaitLoop & loop);
  void make_services(care_rcl::WaitLoop & loop);
  void make_timers(care_rcl::WaitLoop & loop);

  void take_command(CommandIntake & intake, Command & newest, const char * topic,
                    const Twist & message);
  void take_stop(const care_msgs::msg::Stop & message);
  void take_estop(const care_msgs::msg::EstopSense & message);
  void take_drawers(const care_msgs::msg::DrawersState & message);
  void take_heartbeat(const care_msgs::msg::Heartbeat & message);
  Timing timing(const builtin_interfaces::msg::Time & stamp) const;
  void take_sensor(const std::string & topic, SensorRefusal refusal);
  void take_scan(const sensor_msgs::msg::LaserScan & message);
  void take_range(std::size_t sensor, const sensor_msgs::msg::Range & message);
  void take_imu(const sensor_msgs::msg::Imu & message);
  void take_trajectory(const trajectory_msgs::msg::JointTrajectory & message);
  void home_joints(const std_srvs::srv::Trigger::Request & request,
                   std_srvs::srv::Trigger::Response & response);
  void reset(const care_msgs::srv::Reset::Request & request,
             care_msgs::srv::Reset::Response & response);
  void set_mode(const care_msgs::srv::SetMode::Request & request,
                care_msgs::srv::SetMode::Response & response);
  void set_lifecycle(bool configured, bool active);
  void take_parameters();
  bool wait_for_reset(Outputs & outputs);

  void write_inputs();
  void poll();
  void log(const Transition & transition, const Outputs & outputs) const;
  void publish_motion();
  void publish_safety(const Outputs & outputs);
  void publish_battery();
  void refresh_diagnostics();
  void diagnose_loop();
  void diagnose_commands();
  void diagnose_surroundings(const Outputs & outputs);
  void diagnose_actuators(const Outputs & outputs);
  void take_failure(const std::exception & error);
  care_rcl::Heartbeat::Pulse pulse();
  void watch(const std::string & name, std::int64_t seen_ns, bool ok);
  double age_s(std::int64_t seen_ns) const;
  std::vector<std::string> reasons(const Outputs & outputs, std::uint32_t causes) const;

  care_rcl::Node node_;
  care_rcl::Parameters parameters_;
  care_rcl::Lifecycle lifecycle_;
  care_rcl::Heartbeat heartbeat_;
  care_rcl::Diagnostics diagnostics_;

  Degradations degradations_;
  Peers peers_;
  StopSources stops_;
  CommandIntake autonomous_;
  CommandIntake teleop_;
  Names names_;
  SurroundingsIntake surroundings_;
  TrajectoryIntake trajectories_;
  std::vector<std::string> wheel_joints_;
  Frames frames_;
  Inputs inputs_;
  std::uint64_t failures_ = 0;
  std::int64_t stop_heard_ns_ = kNever;
  std::int64_t drawers_heard_ns_ = kNever;
  std::uint64_t stop_cycle_ = 0;    // the last cycle before a stop or the line was taken
  std::uint64_t slowest_stop_ = 0;  // cycles from there to the state
  Hardware hardware_;
  ControlLoop loop_;
  bool running_ = true;

  State shown_state_ = State::kInit;
  std::vector<std::string> shown_reasons_;
  std::uint64_t last_cycle_ = 0;
  std::int64_t cycle_moved_ns_ = 0;

  care_rcl::Publisher<Twist> applied_out_;
  care_rcl::Publisher<nav_msgs::msg::Odometry> odometry_out_;
  care_rcl::Publisher<sensor_msgs::msg::JointState> joints_out_;
  std::unique_ptr<care_rcl::Publisher<tf2_msgs::msg::TFMessage>> tf_out_;
  care_rcl::Publisher<care_msgs::msg::SafetyState> safety_out_;
  care_rcl::Publisher<sensor_msgs::msg::BatteryState> battery_out_;
  Twist applied_;
  nav_msgs::msg::Odometry odometry_;
  sensor_msgs::msg::JointState joints_;
  tf2_msgs::msg::TFMessage tf_;
  care_msgs::msg::SafetyState safety_;
  sensor_msgs::msg::BatteryState battery_;
  std::vector<std::unique_ptr<care_rcl::Waitable>> entities_;
};

}  // namespace care_control

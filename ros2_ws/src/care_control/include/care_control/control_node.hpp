// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <care_msgs/msg/drawers_state.hpp>
#include <care_msgs/msg/estop_sense.hpp>
#include <care_msgs/msg/heartbeat.hpp>
#include <care_msgs/msg/safety_state.hpp>
#include <care_msgs/msg/stop.hpp>
#include <care_msgs/srv/reset.hpp>
#include <care_msgs/srv/set_mode.hpp>
#include <tf2_msgs/msg/tf_message.hpp>

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
#include "care_control/peers.hpp"
#include "care_control/reasons.hpp"
#include "care_control/state_messages.hpp"
#include "care_control/stop_sources.hpp"

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

  void make_subscriptions(care_rcl::WaitLoop & loop);
  void make_services(care_rcl::WaitLoop & loop);
  void make_timers(care_rcl::WaitLoop & loop);

  void take_command(CommandIntake & intake, Command & newest, const char * topic,
                    const Twist & message);
  void take_stop(const care_msgs::msg::Stop & message);
  void take_estop(const care_msgs::msg::EstopSense & message);
  void take_drawers(const care_msgs::msg::DrawersState & message);
  void take_heartbeat(const care_msgs::msg::Heartbeat & message);
  void reset(const care_msgs::srv::Reset::Request & request,
             care_msgs::srv::Reset::Response & response);
  void set_mode(const care_msgs::srv::SetMode::Request & request,
                care_msgs::srv::SetMode::Response & response);
  void set_lifecycle(bool configured, bool active);
  void take_parameters();
  bool wait_for_reset(Outputs & outputs);

  void write_inputs();
  void poll();
  void log(const Transition & transition, std::uint32_t silent_peers) const;
  void publish_motion();
  void publish_safety(const Outputs & outputs);
  void publish_battery();
  void refresh_diagnostics();
  void diagnose_loop();
  void diagnose_commands();
  void take_failure(const std::exception & error);
  care_rcl::Heartbeat::Pulse pulse();
  void watch(const std::string & name, std::int64_t seen_ns, bool ok);
  double age_s(std::int64_t seen_ns) const;
  std::vector<std::string> reasons(std::uint32_t causes, std::uint32_t silent_peers) const;

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
  std::vector<HeldJoint> held_joints_;
  Frames frames_;
  Inputs inputs_;
  std::uint64_t failures_ = 0;
  std::int64_t stop_heard_ns_ = kNever;
  std::int64_t drawers_heard_ns_ = kNever;
  SimulatedBase base_;
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

// SPDX-License-Identifier: Apache-2.0
#include "care_control/control_parameters.hpp"

#include "care_control/robot_parameters.hpp"

namespace care_control {
namespace {

using care_rcl::Parameter;
using Texts = std::vector<std::string>;

Parameter number(const char * name, double initial, const char * description, const char * unit,
                 double minimum, double maximum, bool live = false) {
  return {name, initial, description, unit, minimum, maximum, {}, live};
}

Parameter plain(const char * name, const care_rcl::ParameterValue & initial,
                const char * description) {
  Parameter parameter;
  parameter.name = name;
  parameter.initial = initial;
  parameter.description = description;
  return parameter;
}

std::vector<Parameter> motion_parameters() {
  return {
      number("max_linear", 0.6, "Largest speed forward", "m/s", 0.0, 1.2, true),
      number("max_reverse", 0.3, "Largest speed backward", "m/s", 0.0, 0.6, true),
      number("max_angular", 1.0, "Largest turning speed", "rad/s", 0.0, 2.0, true),
      number("max_lateral_acceleration", 0.5, "Linear times turning speed", "m/s2", 0.05, 2.0),
      number("max_wheel_speed", 12.0, "Largest speed of a wheel", "rad/s", 0.5, 50.0),
      number("linear_acceleration", 0.6, "Speeding up", "m/s2", 0.05, 2.0),
      number("linear_deceleration", 1.0, "Slowing down", "m/s2", 0.05, 3.0),
      number("linear_reverse_acceleration", 0.4, "Speeding up backward", "m/s2", 0.05, 2.0),
      number("linear_reverse_deceleration", 1.0, "Slowing down backward", "m/s2", 0.05, 3.0),
      number("linear_jerk", 3.0, "Change of acceleration", "m/s3", 0.1, 50.0),
      number("angular_acceleration", 1.5, "Turning faster", "rad/s2", 0.05, 10.0),
      number("angular_deceleration", 2.5, "Turning slower", "rad/s2", 0.05, 10.0),
      number("angular_jerk", 10.0, "Change of turning acceleration", "rad/s3", 0.1, 200.0),
      number("protective_linear_deceleration", 2.0, "Braking of a stop", "m/s2", 0.5, 4.0),
      number("protective_angular_deceleration", 4.0, "Braking of a stop", "rad/s2", 0.5, 20.0),
      number("estop_linear_deceleration", 3.0, "Braking of an emergency stop", "m/s2", 0.5, 6.0),
      number("estop_angular_deceleration", 6.0, "Braking of an emergency stop", "rad/s2", 0.5,
             30.0),
      number("wheel_radius", 0.1, "Radius of the drive wheels", "m", 0.02, 0.5),
      number("wheel_separation", 0.46, "Distance between the drive wheels", "m", 0.1, 2.0),
      number("wheel_following_error", 3.0, "Speed error that becomes a fault", "rad/s", 0.1, 50.0),
      number("wheel_following_time", 0.5, "How long before it is a fault", "s", 0.05, 5.0),
  };
}

std::vector<Parameter> watch_parameters() {
  return {
      number("command_timeout", 0.25, "Age at which a velocity command ends", "s", 0.05, 0.5),
      number("teleop_deadman", 0.2, "Age at which a command by hand ends", "s", 0.05, 0.5),
      number("heartbeat_silence", 1.0, "Until a required node is silent", "s", 0.3, 5.0),
      number("estop_silence", 1.0, "Until the emergency-stop line is silent", "s", 0.3, 5.0),
      number("middleware_silence", 0.5, "Until communication counts as hung", "s", 0.05, 2.0),
      plain("estop_required", true, "Motion needs a readable, released emergency-stop line"),
      plain("required_heartbeats", Texts{""},
            "Nodes that must live for motion; a name without / is in control's own namespace"),
      plain("heartbeat_topics", Texts{"/ward/heartbeat", "heartbeat"}, "Where heartbeats are read"),
      plain("command_frames", Texts{"base_link", "base_footprint"},
            "Frames that a velocity command may be in"),
      [] {
        auto mode = plain("initial_mode", std::string("autonomous"),
                          "Who commands the base after the start");
        mode.choices = {"none", "autonomous", "teleop"};
        return mode;
      }(),
  };
}

std::vector<Parameter> node_parameters() {
  Parameter rate = plain("rate", std::int64_t{1000}, "Cycles of the control thread");
  rate.unit = "Hz";
  rate.minimum = 100;
  rate.maximum = 2000;
  Parameter priority =
      plain("control_priority", std::int64_t{80},
            "SCHED_FIFO priority of the control thread, above the middleware's 40");
  priority.minimum = 41;
  priority.maximum = 98;
  Parameter processor = plain("control_processor", std::int64_t{-1},
                              "The only processor of the control thread, -1: any");
  processor.minimum = -1;
  processor.maximum = 1023;
  return {
      rate,
      priority,
      processor,
      number("battery_charge", 0.9, "Charge of the simulated battery at start", "1", 0.0, 1.0),
      number("battery_capacity", 500.0, "Of the simulated battery", "W.h", 10.0, 5000.0),
      plain("publish_tf", true, "Publish odom -> base_footprint on tf"),
      plain("frame_prefix", std::string(), "Put before frame names, e.g. robot_1/"),
      plain("wheel_joints", Texts{"wheel_left_joint", "wheel_right_joint"},
            "Names of the left and the right wheel's joint"),
  };
}

}  // namespace

std::vector<Parameter> declared_parameters() {
  std::vector<Parameter> all = motion_parameters();
  for (auto & group : {watch_parameters(), node_parameters(), robot_parameters()}) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

Settings settings_of(const care_rcl::Parameters & parameters) {
  const auto get = [&parameters](const char * name) { return parameters.number(name); };
  Settings s;
  s.speed = {get("max_linear"),          get("max_reverse"),
             get("max_angular"),         get("max_lateral_acceleration"),
             get("max_wheel_speed"),     get("wheel_radius"),
             get("wheel_separation") / 2};
  s.linear = {get("linear_acceleration"), get("linear_deceleration"), get("linear_jerk")};
  s.linear_reverse = {get("linear_reverse_acceleration"), get("linear_reverse_deceleration"),
                      get("linear_jerk")};
  s.angular = {get("angular_acceleration"), get("angular_deceleration"), get("angular_jerk")};
  s.protective_linear = get("protective_linear_deceleration");
  s.protective_angular = get("protective_angular_deceleration");
  s.estop_linear = get("estop_linear_deceleration");
  s.estop_angular = get("estop_angular_deceleration");
  s.command_timeout = get("command_timeout");
  s.teleop_deadman = get("teleop_deadman");
  s.peer_silence = get("heartbeat_silence");
  s.estop_silence = get("estop_silence");
  s.middleware_silence = get("middleware_silence");
  s.estop_required = parameters.flag("estop_required");
  return s;
}

}  // namespace care_control

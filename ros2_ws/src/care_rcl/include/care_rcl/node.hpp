// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rcl/node.h>
#include <rcl/time.h>
#include <builtin_interfaces/msg/time.hpp>

#include <cstdint>
#include <string>

#include "care_rcl/context.hpp"
#include "care_rcl/logger.hpp"

namespace care_rcl {

/// A node: name, namespace, ROS clock and log. Entities hold a reference to it, so it outlives
/// them.
class Node {
 public:
  /// @param name, name_space  Before remapping by `__node` and `__ns`.
  /// @throws Error for an invalid name.
  Node(Context & context, const std::string & name, const std::string & name_space = "/");
  ~Node();
  Node(const Node &) = delete;
  Node & operator=(const Node &) = delete;

  rcl_node_t * handle() { return &node_; }
  rcl_clock_t * ros_clock() { return &ros_clock_; }
  rcl_clock_t * steady_clock() { return &steady_clock_; }
  Context & context() { return context_; }
  const Logger & log() const { return logger_; }

  std::string name() const { return rcl_node_get_name(&node_); }
  std::string name_space() const { return rcl_node_get_namespace(&node_); }
  std::string fully_qualified_name() const { return rcl_node_get_fully_qualified_name(&node_); }

  /// Name of a topic after expansion and remapping, e.g. "/robot_1/odom".
  std::string resolve(const std::string & topic) const;

  /// ROS time [ns]: the system's, or that of /clock when use_sim_time is set.
  std::int64_t now_ns() const;

  /// ROS time as a stamp.
  builtin_interfaces::msg::Time stamp() const;

  /// Follow /clock (true) or the system's clock.
  void use_clock_topic(bool enabled);

  /// Take the time of /clock [ns].
  void set_clock_topic_time(std::int64_t nanoseconds);

 private:
  Context & context_;
  rcl_node_t node_;
  mutable rcl_clock_t ros_clock_;
  rcl_clock_t steady_clock_;
  Logger logger_{""};
};

/// Stamp of nanoseconds.
builtin_interfaces::msg::Time to_stamp(std::int64_t nanoseconds);

/// Nanoseconds of a stamp.
std::int64_t to_nanoseconds(const builtin_interfaces::msg::Time & stamp);

/// Steady time [ns] since boot, CLOCK_MONOTONIC: for every duration and time-out.
std::int64_t steady_ns();

}  // namespace care_rcl

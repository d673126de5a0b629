// SPDX-License-Identifier: Apache-2.0
#include "care_rcl/node.hpp"

#include <rcl/logging.h>
#include <rcl/logging_rosout.h>
#include <rcl/node_options.h>

#include <ctime>

#include "care_rcl/error.hpp"

namespace care_rcl {

Node::Node(Context & context, const std::string & name, const std::string & name_space)
    : context_(context), node_(rcl_get_zero_initialized_node()) {
  const rcl_node_options_t options = rcl_node_get_default_options();
  check(rcl_node_init(&node_, name.c_str(), name_space.c_str(), context.handle(), &options),
        "make node " + name + " in " + name_space);
  rcl_allocator_t allocator = rcl_get_default_allocator();
  check(rcl_ros_clock_init(&ros_clock_, &allocator), "make the ROS clock");
  check(rcl_steady_clock_init(&steady_clock_, &allocator), "make the steady clock");
  if (rcl_logging_rosout_enabled()) {
    check(rcl_logging_rosout_init_publisher_for_node(&node_), "publish /rosout");
  }
  logger_ = Logger(rcl_node_get_logger_name(&node_));
}

Node::~Node() {
  if (rcl_logging_rosout_enabled()) {
    report(rcl_logging_rosout_fini_publisher_for_node(&node_), "end /rosout");
  }
  report(rcl_steady_clock_fini(&steady_clock_), "release the steady clock");
  report(rcl_ros_clock_fini(&ros_clock_), "release the ROS clock");
  report(rcl_node_fini(&node_), "release the node");
}

std::string Node::resolve(const std::string & topic) const {
  char * resolved = nullptr;
  const rcl_allocator_t allocator = rcl_get_default_allocator();
  check(rcl_node_resolve_name(&node_, topic.c_str(), allocator, false, false, &resolved),
        "resolve the name " + topic);
  std::string name = resolved;
  allocator.deallocate(resolved, allocator.state);
  return name;
}

std::int64_t Node::now_ns() const {
  rcl_time_point_value_t now = 0;
  check(rcl_clock_get_now(&ros_clock_, &now), "read the ROS clock");
  return now;
}

builtin_interfaces::msg::Time Node::stamp() const {
  return to_stamp(now_ns());
}

void Node::use_clock_topic(bool enabled) {
  check(enabled ? rcl_enable_ros_time_override(&ros_clock_)
                : rcl_disable_ros_time_override(&ros_clock_),
        "switch the ROS clock");
}

void Node::set_clock_topic_time(std::int64_t nanoseconds) {
  check(rcl_set_ros_time_override(&ros_clock_, nanoseconds), "set the ROS clock");
}

builtin_interfaces::msg::Time to_stamp(std::int64_t nanoseconds) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::int64_t seconds = nanoseconds / kSecond;
  std::int64_t rest = nanoseconds % kSecond;
  if (rest < 0) {
    rest += kSecond;
    --seconds;
  }
  builtin_interfaces::msg::Time stamp;
  stamp.sec = static_cast<std::int32_t>(seconds);
  stamp.nanosec = static_cast<std::uint32_t>(rest);
  return stamp;
}

std::int64_t to_nanoseconds(const builtin_interfaces::msg::Time & stamp) {
  return std::int64_t{stamp.sec} * 1'000'000'000 + stamp.nanosec;
}

std::int64_t steady_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace care_rcl

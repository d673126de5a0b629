// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rcl_interfaces/msg/parameter_event.hpp>
#include <rcl_interfaces/msg/set_parameters_result.hpp>
#include <rcl_interfaces/srv/describe_parameters.hpp>
#include <rcl_interfaces/srv/get_parameter_types.hpp>
#include <rcl_interfaces/srv/get_parameters.hpp>
#include <rcl_interfaces/srv/list_parameters.hpp>
#include <rcl_interfaces/srv/set_parameters.hpp>
#include <rcl_interfaces/srv/set_parameters_atomically.hpp>
#include <rosgraph_msgs/msg/clock.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "care_rcl/node.hpp"
#include "care_rcl/parameter.hpp"
#include "care_rcl/publisher.hpp"
#include "care_rcl/service.hpp"
#include "care_rcl/subscription.hpp"
#include "care_rcl/wait_loop.hpp"

namespace care_rcl {

/// The parameters of a node: six services, /parameter_events, overrides; and what ROS' own
/// parameters ask for: /clock by use_sim_time, TypeDescriptions by start_type_description_service.
class Parameters {
 public:
  /// Declare everything at once; nothing can be declared later.
  /// @throws ConfigurationError for an override that is unknown under the node's own name (naming
  ///   the nearest known), or of a wrong type or out of range. Unknown keys under "/**" are
  ///   ignored.
  Parameters(Node & node, WaitLoop & loop, const std::vector<Parameter> & declared);

  /// Return the value of a declared parameter. @throws std::out_of_range, std::bad_variant_access.
  template <typename T>
  const T & value(const std::string & name) const {
    return std::get<T>(values_.at(name));
  }
  double number(const std::string & name) const { return value<double>(name); }
  bool flag(const std::string & name) const { return value<bool>(name); }
  const std::string & text(const std::string & name) const { return value<std::string>(name); }
  /// A list of texts without empty ones, for [''] stands for an empty list.
  std::vector<std::string> texts(const std::string & name) const;

  /// Called before a change is taken: return why it is refused, empty to accept. It gets all values
  /// as they would be.
  using Values = std::map<std::string, ParameterValue>;
  std::function<std::string(const Values &)> validate;
  /// Called after a change.
  std::function<void()> changed;

 private:
  using SetResult = rcl_interfaces::msg::SetParametersResult;
  using Message = rcl_interfaces::msg::Parameter;

  void take_overrides();
  void make_services(WaitLoop & loop);
  SetResult set(const std::vector<Message> & changes);
  ParameterValue checked(const Message & change) const;
  void apply(const Values & accepted);
  void follow_clock();
  void publish_event(const Values & values, bool fresh);
  std::vector<std::string> names() const;
  void list(const rcl_interfaces::srv::ListParameters::Request & request,
            rcl_interfaces::srv::ListParameters::Response & response) const;

  Node & node_;
  std::map<std::string, Parameter> declared_;
  Values values_;
  Publisher<rcl_interfaces::msg::ParameterEvent> events_;
  Subscription<rosgraph_msgs::msg::Clock> clock_;
  std::vector<std::unique_ptr<Waitable>> services_;
};

}  // namespace care_rcl

// SPDX-License-Identifier: Apache-2.0
#include "care_rcl/parameters.hpp"

#include <rmw/qos_profiles.h>
#include <rcl_interfaces/msg/parameter_type.hpp>

#include <algorithm>
#include <set>

#include "care_rcl/error.hpp"
#include "care_rcl/overrides.hpp"
#include "care_rcl/qos.hpp"
#include "care_rcl/type_descriptions.hpp"

namespace care_rcl {
namespace {

constexpr char kDescribesTypes[] = "start_type_description_service";

/// Set by ROS itself on any node.
bool belongs_to_ros(const std::string & name) {
  const std::string head = name.substr(0, name.find('.'));
  return head == "use_sim_time" || head == kDescribesTypes || head == "qos_overrides";
}

Parameter use_sim_time() {
  Parameter parameter;
  parameter.name = "use_sim_time";
  parameter.initial = false;
  parameter.description = "Follow /clock instead of the system's clock";
  parameter.live = true;
  return parameter;
}

Parameter describes_types() {
  Parameter parameter;
  parameter.name = kDescribesTypes;
  parameter.initial = true;
  parameter.description = "Start the service ~/get_type_description";
  return parameter;
}

}  // namespace

Parameters::Parameters(Node & node, WaitLoop & loop, const std::vector<Parameter> & declared)
    : node_(node),
      events_(node, "/parameter_events", rmw_qos_profile_parameter_events),
      clock_(node, "/clock", qos::clock(), [this](const rosgraph_msgs::msg::Clock & message) {
        if (flag("use_sim_time")) {
          node_.set_clock_topic_time(to_nanoseconds(message.clock));
        }
      }) {
  for (const auto & parameter : {use_sim_time(), describes_types()}) {
    declared_[parameter.name] = parameter;
  }
  for (const auto & parameter : declared) {
    declared_[parameter.name] = parameter;
  }
  for (const auto & [name, parameter] : declared_) {
    values_[name] = parameter.initial;
  }
  take_overrides();
  follow_clock();
  make_services(loop);
  loop.add(clock_);
  publish_event(values_, true);
}

void Parameters::take_overrides() {
  for (const auto & [name, given] : overrides_of(node_)) {
    const auto parameter = declared_.find(name);
    if (parameter != declared_.end()) {
      values_[name] = parameter->second.checked(given.value);
    } else if (given.own && !belongs_to_ros(name)) {
      const std::string near = nearest(name, names());
      throw ConfigurationError(
          "Node " + node_.fully_qualified_name() + " has no parameter \"" + name + "\".",
          near.empty() ? "Remove it." : "Remove or rename it. Did you mean \"" + near + "\"?");
    }
  }
}

std::vector<std::string> Parameters::texts(const std::string & name) const {
  std::vector<std::string> result;
  for (const auto & each : value<std::vector<std::string>>(name)) {
    if (!each.empty()) {
      result.push_back(each);
    }
  }
  return result;
}

std::vector<std::string> Parameters::names() const {
  std::vector<std::string> result;
  for (const auto & entry : declared_) {
    result.push_back(entry.first);
  }
  return result;
}

ParameterValue Parameters::checked(const Message & change) const {
  const auto parameter = declared_.find(change.name);
  if (parameter == declared_.end()) {
    const std::string near = nearest(change.name, names());
    throw ConfigurationError("There is no parameter \"" + change.name + "\".",
                             near.empty() ? "" : "Did you mean \"" + near + "\"?");
  }
  if (change.value.type == rcl_interfaces::msg::ParameterType::PARAMETER_NOT_SET) {
    throw ConfigurationError("Parameter \"" + change.name + "\" is declared and cannot be deleted.",
                             "Set it to another value instead.");
  }
  const ParameterValue checked_value = parameter->second.checked(from_message(change.value));
  if (!parameter->second.live && checked_value != values_.at(change.name)) {
    throw ConfigurationError("Parameter \"" + change.name + "\" is read only.",
                             "Set it in the params file and start the node again.");
  }
  return checked_value;
}

Parameters::SetResult Parameters::set(const std::vector<Message> & changes) {
  SetResult result;
  Values accepted;
  Values next = values_;
  try {
    for (const auto & change : changes) {
      next[change.name] = accepted[change.name] = checked(change);
    }
  } catch (const ConfigurationError & error) {
    result.reason = error.what();
    return result;
  }
  result.reason = validate ? validate(next) : "";
  result.successful = result.reason.empty();
  if (result.successful) {
    apply(accepted);
  }
  return result;
}

void Parameters::apply(const Values & accepted) {
  for (const auto & [name, new_value] : accepted) {
    values_[name] = new_value;
  }
  if (accepted.count("use_sim_time") != 0) {
    follow_clock();
  }
  publish_event(accepted, false);
  if (changed) {
    changed();
  }
}

void Parameters::follow_clock() {
  node_.use_clock_topic(flag("use_sim_time"));
}

void Parameters::publish_event(const Values & values, bool fresh) {
  rcl_interfaces::msg::ParameterEvent event;
  event.stamp = node_.stamp();
  event.node = node_.fully_qualified_name();
  auto & list = fresh ? event.new_parameters : event.changed_parameters;
  for (const auto & [name, each] : values) {
    auto & parameter = list.emplace_back();
    parameter.name = name;
    parameter.value = to_message(each);
  }
  events_.publish(event);
}

void Parameters::list(const rcl_interfaces::srv::ListParameters::Request & request,
                      rcl_interfaces::srv::ListParameters::Response & response) const {
  std::set<std::string> prefixes;
  for (const auto & [name, parameter] : declared_) {
    const auto under = [&name = name, &request](const std::string & prefix) {
      if (name == prefix) {
        return true;
      }
      if (name.rfind(prefix + ".", 0) != 0) {
        return false;
      }
      const auto dots = static_cast<std::uint64_t>(
          std::count(name.begin() + static_cast<std::ptrdiff_t>(prefix.size()), name.end(), '.'));
      return request.depth == 0 || dots <= request.depth;
    };
    const auto depth = static_cast<std::uint64_t>(std::count(name.begin(), name.end(), '.'));
    const bool wanted = request.prefixes.empty()
                            ? request.depth == 0 || depth < request.depth
                            : std::any_of(request.prefixes.begin(), request.prefixes.end(), under);
    if (wanted) {
      response.result.names.push_back(name);
      if (const auto dot = name.rfind('.'); dot != std::string::npos) {
        prefixes.insert(name.substr(0, dot));
      }
    }
  }
  response.result.prefixes.assign(prefixes.begin(), prefixes.end());
}

void Parameters::make_services(WaitLoop & loop) {
  namespace srv = rcl_interfaces::srv;
  const auto add = [this, &loop](auto service) {
    loop.add(*service);
    services_.push_back(std::move(service));
  };
  add(std::make_unique<Service<srv::GetParameters>>(
      node_, "~/get_parameters", [this](const auto & request, auto & response) {
        for (const auto & name : request.names) {
          const auto found = values_.find(name);
          response.values.push_back(
              to_message(found == values_.end() ? ParameterValue{} : found->second));
        }
      }));
  add(std::make_unique<Service<srv::GetParameterTypes>>(
      node_, "~/get_parameter_types", [this](const auto & request, auto & response) {
        for (const auto & name : request.names) {
          const auto found = values_.find(name);
          response.types.push_back(found == values_.end() ? std::uint8_t{0}
                                                          : type_of(found->second));
        }
      }));
  add(std::make_unique<Service<srv::SetParameters>>(
      node_, "~/set_parameters", [this](const auto & request, auto & response) {
        for (const auto & change : request.parameters) {
          response.results.push_back(set({change}));
        }
      }));
  add(std::make_unique<Service<srv::SetParametersAtomically>>(
      node_, "~/set_parameters_atomically", [this](const auto & request, auto & response) {
        response.result = set(request.parameters);
      }));
  add(std::make_unique<Service<srv::DescribeParameters>>(
      node_, "~/describe_parameters", [this](const auto & request, auto & response) {
        for (const auto & name : request.names) {
          const auto found = declared_.find(name);
          if (found == declared_.end()) {
            response.descriptors.emplace_back().name = name;
          } else {
            response.descriptors.push_back(found->second.descriptor());
          }
        }
      }));
  add(std::make_unique<Service<srv::ListParameters>>(
      node_, "~/list_parameters",
      [this](const auto & request, auto & response) { list(request, response); }));
  if (flag(kDescribesTypes)) {
    add(std::make_unique<TypeDescriptions>(node_));
  }
}

}  // namespace care_rcl

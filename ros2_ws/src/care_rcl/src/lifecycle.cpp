// SPDX-License-Identifier: Apache-2.0
#include "care_rcl/lifecycle.hpp"

#include <lifecycle_msgs/msg/transition_event.h>
#include <rcl/error_handling.h>

#include <exception>
#include <utility>

#include "care_rcl/error.hpp"

namespace care_rcl {
namespace {

namespace srv = lifecycle_msgs::srv;

template <typename Type>
const rosidl_service_type_support_t * service_type() {
  return rosidl_typesupport_cpp::get_service_type_support_handle<Type>();
}

void describe(const rcl_lifecycle_state_t & state, lifecycle_msgs::msg::State & message) {
  message.id = static_cast<std::uint8_t>(state.id);
  message.label = state.label;
}

void describe(const rcl_lifecycle_transition_t & transition,
              lifecycle_msgs::msg::TransitionDescription & message) {
  message.transition.id = static_cast<std::uint8_t>(transition.id);
  message.transition.label = transition.label;
  describe(*transition.start, message.start_state);
  describe(*transition.goal, message.goal_state);
}

}  // namespace

Lifecycle::Lifecycle(Node & node, WaitLoop & loop, Callbacks callbacks)
    : node_(node),
      callbacks_(std::move(callbacks)),
      machine_(rcl_lifecycle_get_zero_initialized_state_machine()) {
  const rcl_lifecycle_state_machine_options_t options =
      rcl_lifecycle_get_default_state_machine_options();
  // rcl_lifecycle publishes the C struct of the event; the services are taken by us, in C++.
  const rosidl_message_type_support_t * event =
      ROSIDL_GET_MSG_TYPE_SUPPORT(lifecycle_msgs, msg, TransitionEvent);
  check(rcl_lifecycle_state_machine_init(
            &machine_, node.handle(), event, service_type<srv::ChangeState>(),
            service_type<srv::GetState>(), service_type<srv::GetAvailableStates>(),
            service_type<srv::GetAvailableTransitions>(),
            service_type<srv::GetAvailableTransitions>(), &options),
        "make the life cycle");
  make_services(loop);
}

Lifecycle::~Lifecycle() {
  services_.clear();
  report(rcl_lifecycle_state_machine_fini(&machine_, node_.handle()), "release the life cycle");
}

std::uint8_t Lifecycle::state() const {
  return static_cast<std::uint8_t>(machine_.current_state->id);
}

std::string Lifecycle::state_label() const {
  return machine_.current_state->label;
}

const rcl_lifecycle_transition_t * Lifecycle::find(std::uint8_t id,
                                                   const std::string & label) const {
  const auto * found =
      label.empty() ? rcl_lifecycle_get_transition_by_id(machine_.current_state, id)
                    : rcl_lifecycle_get_transition_by_label(machine_.current_state, label.c_str());
  if (found == nullptr) {
    rcl_reset_error();
  }
  return found;
}

bool Lifecycle::change(const std::string & label) {
  const auto * transition = find(0, label);
  if (transition == nullptr) {
    node_.log().warn("No transition \"" + label + "\" from state " + state_label());
    return false;
  }
  return run(static_cast<std::uint8_t>(transition->id));
}

const std::function<bool()> & Lifecycle::callback_of(const std::string & label) const {
  return label == "configure"    ? callbacks_.configure
         : label == "activate"   ? callbacks_.activate
         : label == "deactivate" ? callbacks_.deactivate
         : label == "cleanup"    ? callbacks_.cleanup
                                 : callbacks_.shutdown;
}

Lifecycle::Outcome Lifecycle::act(const std::string & label,
                                  const std::function<bool()> & callback) const {
  try {
    return !callback || callback() ? Outcome::kSuccess : Outcome::kFailure;
  } catch (const std::exception & error) {
    node_.log().error("Cannot " + label + ": " + error.what());
    return Outcome::kError;
  }
}

void Lifecycle::finish(Outcome outcome) {
  const char * label = outcome == Outcome::kSuccess   ? rcl_lifecycle_transition_success_label
                       : outcome == Outcome::kFailure ? rcl_lifecycle_transition_failure_label
                                                      : rcl_lifecycle_transition_error_label;
  check(rcl_lifecycle_trigger_transition_by_label(&machine_, label, true), label);
}

bool Lifecycle::run(std::uint8_t transition_id) {
  const std::string label = find(transition_id, "")->label;
  check(rcl_lifecycle_trigger_transition_by_id(&machine_, transition_id, true), label);
  const Outcome outcome = act(label, callback_of(label));
  finish(outcome);
  if (outcome == Outcome::kError) {
    finish(callbacks_.error ? act("recover", callbacks_.error) : Outcome::kFailure);
  }
  const bool done = outcome == Outcome::kSuccess;
  const std::string text = label + (done ? " done: " : " failed: ") + state_label();
  done ? node_.log().info(text) : node_.log().warn(text);
  return done;
}

void Lifecycle::make_services(WaitLoop & loop) {
  auto & com = machine_.com_interface;
  const auto add = [this, &loop](auto service) {
    loop.add(*service);
    services_.push_back(std::move(service));
  };
  add(std::make_unique<Service<srv::ChangeState>>(
      node_, &com.srv_change_state, [this](const auto & request, auto & response) {
        const auto * transition = find(request.transition.id, request.transition.label);
        if (transition == nullptr) {
          node_.log().warn("Refused transition " + std::to_string(request.transition.id) + " " +
                           request.transition.label + " from state " + state_label());
          return;
        }
        response.success = run(static_cast<std::uint8_t>(transition->id));
      }));
  add(std::make_unique<Service<srv::GetState>>(
      node_, &com.srv_get_state, [this](const auto &, auto & response) {
        describe(*machine_.current_state, response.current_state);
      }));
  add(std::make_unique<Service<srv::GetAvailableStates>>(
      node_, &com.srv_get_available_states, [this](const auto &, auto & response) {
        for (unsigned i = 0; i < machine_.transition_map.states_size; ++i) {
          describe(machine_.transition_map.states[i], response.available_states.emplace_back());
        }
      }));
  add(std::make_unique<Service<srv::GetAvailableTransitions>>(
      node_, &com.srv_get_available_transitions, [this](const auto &, auto & response) {
        for (unsigned i = 0; i < machine_.current_state->valid_transition_size; ++i) {
          describe(machine_.current_state->valid_transitions[i],
                   response.available_transitions.emplace_back());
        }
      }));
  add(std::make_unique<Service<srv::GetAvailableTransitions>>(
      node_, &com.srv_get_transition_graph, [this](const auto &, auto & response) {
        for (unsigned i = 0; i < machine_.transition_map.transitions_size; ++i) {
          describe(machine_.transition_map.transitions[i],
                   response.available_transitions.emplace_back());
        }
      }));
}

}  // namespace care_rcl

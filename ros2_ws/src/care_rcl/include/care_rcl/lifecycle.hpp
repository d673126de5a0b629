// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rcl_lifecycle/rcl_lifecycle.h>
#include <lifecycle_msgs/srv/change_state.hpp>
#include <lifecycle_msgs/srv/get_available_states.hpp>
#include <lifecycle_msgs/srv/get_available_transitions.hpp>
#include <lifecycle_msgs/srv/get_state.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "care_rcl/node.hpp"
#include "care_rcl/service.hpp"
#include "care_rcl/wait_loop.hpp"

namespace care_rcl {

/// Managed node: ROS' life cycle, its five services and the transition_event topic.
class Lifecycle {
 public:
  /// Work of a transition. True: done. False: it was not possible, and nothing has changed: the
  /// node stays in the state it came from. An exception: nobody knows what has changed, so the node
  /// goes through ErrorProcessing, where `error` is to release everything: true leads to
  /// Unconfigured; false or an exception leads to Finalized. An empty callback always succeeds, but
  /// without one of `error` nothing is released: the node is Finalized.
  struct Callbacks {
    std::function<bool()> configure = {}, activate = {}, deactivate = {}, cleanup = {},
                          shutdown = {}, error = {};
  };

  Lifecycle(Node & node, WaitLoop & loop, Callbacks callbacks);
  ~Lifecycle();
  Lifecycle(const Lifecycle &) = delete;
  Lifecycle & operator=(const Lifecycle &) = delete;

  /// Number of the state as in lifecycle_msgs/State: 1 unconfigured .. 4 finalized, 10..15 between.
  std::uint8_t state() const;
  std::string state_label() const;

  /// Run a transition by label, e.g. "configure". Return whether it succeeded; one that does not
  /// start from this state is refused and logged.
  bool change(const std::string & label);

 private:
  bool run(std::uint8_t transition_id);
  enum class Outcome { kSuccess, kFailure, kError };
  Outcome act(const std::string & label, const std::function<bool()> & callback) const;
  const std::function<bool()> & callback_of(const std::string & label) const;
  void finish(Outcome outcome);
  const rcl_lifecycle_transition_t * find(std::uint8_t id, const std::string & label) const;
  void make_services(WaitLoop & loop);

  Node & node_;
  Callbacks callbacks_;
  rcl_lifecycle_state_machine_t machine_;
  std::vector<std::unique_ptr<Waitable>> services_;
};

}  // namespace care_rcl

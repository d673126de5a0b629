// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <diagnostic_msgs/msg/diagnostic_array.hpp>

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "care_rcl/node.hpp"
#include "care_rcl/publisher.hpp"
#include "care_rcl/timer.hpp"
#include "care_rcl/wait_loop.hpp"

namespace care_rcl {

/// What the node says about itself on /diagnostics, 1 Hz (REP-107): a line a subcomponent.
class Diagnostics {
 public:
  enum Level : unsigned char { kOk = 0, kWarn = 1, kError = 2 };
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  /// @param refresh  Called before each message, to set lines.
  Diagnostics(Node & node, WaitLoop & loop, std::function<void()> refresh);

  /// Set the line of a subcomponent, kept until set again.
  void set(const std::string & name, Level level, const std::string & text, Pairs values = {});

 private:
  void publish();

  Node & node_;
  std::function<void()> refresh_;
  std::map<std::string, diagnostic_msgs::msg::DiagnosticStatus> lines_;
  Publisher<diagnostic_msgs::msg::DiagnosticArray> publisher_;
  Timer timer_;
};

/// Name of this machine.
std::string host_name();

}  // namespace care_rcl

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rcl/context.h>

#include <set>
#include <string>

namespace care_rcl {

/// Connection of this process to ROS: arguments, logging, domain. One a process, made first and
/// destroyed last.
class Context {
 public:
  /// Parse ROS arguments and start logging.
  /// @throws Error when rcl refuses an argument or an argument is unknown to it.
  Context(int argc, const char * const * argv);
  ~Context();
  Context(const Context &) = delete;
  Context & operator=(const Context &) = delete;

  rcl_context_t * handle() { return &context_; }

  /// Names given by `-p name:=value` on the command line, which are meant for this very node.
  const std::set<std::string> & command_line_parameters() const { return command_line_; }

 private:
  rcl_context_t context_;
  std::set<std::string> command_line_;
};

}  // namespace care_rcl

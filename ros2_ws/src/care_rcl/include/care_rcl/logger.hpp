// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rcutils/logging.h>

#include <string>

namespace care_rcl {

/// Log of one node: console, file and /rosout. Levels by consequence: WARN still works, ERROR
/// cannot do its job, FATAL must stop. Any thread but a real-time one may log.
class Logger {
 public:
  explicit Logger(std::string name) : name_(std::move(name)) {}

  void debug(const std::string & text) const { write(RCUTILS_LOG_SEVERITY_DEBUG, text); }
  void info(const std::string & text) const { write(RCUTILS_LOG_SEVERITY_INFO, text); }
  void warn(const std::string & text) const { write(RCUTILS_LOG_SEVERITY_WARN, text); }
  void error(const std::string & text) const { write(RCUTILS_LOG_SEVERITY_ERROR, text); }
  void fatal(const std::string & text) const { write(RCUTILS_LOG_SEVERITY_FATAL, text); }

 private:
  void write(int severity, const std::string & text) const;

  std::string name_;
};

}  // namespace care_rcl

// SPDX-License-Identifier: Apache-2.0
#include "care_rcl/logger.hpp"

namespace care_rcl {

void Logger::write(int severity, const std::string & text) const {
  if (rcutils_logging_logger_is_enabled_for(name_.c_str(), severity)) {
    // The handler of /rosout reads the location: it must not be null.
    static const rcutils_log_location_t nowhere{"", "", 0};
    rcutils_log(&nowhere, severity, name_.c_str(), "%s", text.c_str());
  }
}

}  // namespace care_rcl

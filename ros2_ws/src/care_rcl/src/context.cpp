// SPDX-License-Identifier: Apache-2.0
#include "care_rcl/context.hpp"

#include <rcl/arguments.h>
#include <rcl/error_handling.h>
#include <rcl/init.h>
#include <rcl/logging.h>

#include <cstdarg>
#include <mutex>
#include <string_view>

#include "care_rcl/error.hpp"

namespace care_rcl {
namespace {

// rcl's output handlers are not thread safe, and DDS threads may log too.
void locked_output(const rcutils_log_location_t * location, int severity, const char * name,
                   rcutils_time_point_value_t timestamp, const char * format, va_list * args) {
  static std::mutex mutex;
  const std::lock_guard<std::mutex> lock(mutex);
  rcl_logging_multiple_output_handler(location, severity, name, timestamp, format, args);
}

}  // namespace

Context::Context(int argc, const char * const * argv)
    : context_(rcl_get_zero_initialized_context()) {
  rcl_init_options_t options = rcl_get_zero_initialized_init_options();
  check(rcl_init_options_init(&options, rcl_get_default_allocator()), "prepare rcl");
  const rcl_ret_t initialised = rcl_init(argc, argv, &options, &context_);
  report(rcl_init_options_fini(&options), "release the options of rcl");
  check(initialised, "start rcl");
  if (rcl_arguments_get_count_unparsed_ros(&context_.global_arguments) > 0) {
    throw Error("A ROS argument (after --ros-args) is not known");
  }
  const rcl_allocator_t allocator = rcl_get_default_allocator();
  check(rcl_logging_configure_with_output_handler(&context_.global_arguments, &allocator,
                                                  locked_output),
        "start logging");
  for (int i = 1; i + 1 < argc; ++i) {
    const std::string_view flag = argv[i];
    const std::string word = argv[i + 1];
    const auto assignment = word.find(":=");
    if ((flag == "-p" || flag == "--param") && assignment != std::string::npos) {
      const std::string key = word.substr(0, assignment);
      const auto colon = key.rfind(':');
      command_line_.insert(colon == std::string::npos ? key : key.substr(colon + 1));
    }
  }
}

Context::~Context() {
  if (rcl_context_is_valid(&context_)) {
    report(rcl_shutdown(&context_), "shut rcl down");
  }
  report(rcl_logging_fini(), "end logging");
  report(rcl_context_fini(&context_), "release rcl");
}

}  // namespace care_rcl

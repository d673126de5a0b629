// SPDX-License-Identifier: Apache-2.0
#include "care_rcl/error.hpp"

#include <rcl/error_handling.h>

#include <cstdio>

namespace care_rcl {

void check(rcl_ret_t code, const std::string & what) {
  if (code == RCL_RET_OK) {
    return;
  }
  std::string words = rcl_get_error_string().str;
  rcl_reset_error();
  throw Error("Cannot " + what + ": " + words + " (rcl code " + std::to_string(code) + ")");
}

void report(rcl_ret_t code, const char * what) noexcept {
  if (code == RCL_RET_OK) {
    return;
  }
  std::fprintf(stderr, "Cannot %s: %s\n", what, rcl_get_error_string().str);
  rcl_reset_error();
}

}  // namespace care_rcl

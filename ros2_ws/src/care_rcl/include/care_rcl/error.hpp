// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rcl/types.h>

#include <stdexcept>
#include <string>

namespace care_rcl {

/// A call of rcl failed; the text carries rcl's own words.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The node refuses its configuration: what is wrong, and how to mend it.
class ConfigurationError : public std::runtime_error {
 public:
  ConfigurationError(const std::string & cause, const std::string & cure)
      : std::runtime_error(cause + " " + cure) {}
};

/// Throw Error unless `code` is RCL_RET_OK; `what` names what was tried. Clears rcl's error state.
void check(rcl_ret_t code, const std::string & what);

/// Say on stderr that `what` failed, unless `code` is RCL_RET_OK: for destructors, which never
/// throw.
void report(rcl_ret_t code, const char * what) noexcept;

}  // namespace care_rcl

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "care_rcl/node.hpp"
#include "care_rcl/parameter.hpp"

namespace care_rcl {

/// A value from the command line or a parameter file.
struct Override {
  ParameterValue value;
  bool own = false;  ///< Given under the node's own name, not for all nodes under "/**".
};

/// Return the overrides that are meant for this node; a later one wins.
/// Keys of files match the fully qualified name after remapping, with the wildcards * and **.
std::map<std::string, Override> overrides_of(Node & node);

/// Tell whether a node key of a parameter file matches a fully qualified name.
bool key_matches(const std::string & key, const std::string & fully_qualified_name);

}  // namespace care_rcl

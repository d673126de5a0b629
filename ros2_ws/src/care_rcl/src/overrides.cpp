// SPDX-License-Identifier: Apache-2.0
#include "care_rcl/overrides.hpp"

#include <rcl/arguments.h>
#include <rcl_yaml_param_parser/parser.h>

#include "care_rcl/error.hpp"

namespace care_rcl {
namespace {

ParameterValue from_yaml(const rcl_variant_t & variant) {
  const auto list = [](const auto * array, auto example) {
    using Element = decltype(example);
    return std::vector<Element>(array->values, array->values + array->size);
  };
  if (variant.bool_value != nullptr) {
    return *variant.bool_value;
  }
  if (variant.integer_value != nullptr) {
    return *variant.integer_value;
  }
  if (variant.double_value != nullptr) {
    return *variant.double_value;
  }
  if (variant.string_value != nullptr) {
    return std::string(variant.string_value);
  }
  if (variant.bool_array_value != nullptr) {
    return list(variant.bool_array_value, bool{});
  }
  if (variant.integer_array_value != nullptr) {
    return list(variant.integer_array_value, std::int64_t{});
  }
  if (variant.double_array_value != nullptr) {
    return list(variant.double_array_value, double{});
  }
  if (variant.string_array_value != nullptr) {
    const rcutils_string_array_t & texts = *variant.string_array_value;
    return std::vector<std::string>(texts.data, texts.data + texts.size);
  }
  return std::monostate{};
}

std::vector<std::string> split(const std::string & path) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  while (start <= path.size()) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    if (end > start) {
      parts.push_back(path.substr(start, end - start));
    }
    start = end + 1;
  }
  return parts;
}

using Parts = std::vector<std::string>;

bool parts_match(Parts::const_iterator key, Parts::const_iterator key_end,
                 Parts::const_iterator name, Parts::const_iterator name_end) {
  if (key == key_end) {
    return name == name_end;
  }
  if (*key == "**") {
    return parts_match(key + 1, key_end, name, name_end) ||
           (name != name_end && parts_match(key, key_end, name + 1, name_end));
  }
  return name != name_end && (*key == "*" || *key == *name) &&
         parts_match(key + 1, key_end, name + 1, name_end);
}

}  // namespace

bool key_matches(const std::string & key, const std::string & fully_qualified_name) {
  const Parts key_parts = split(key);
  const Parts name_parts = split(fully_qualified_name);
  return parts_match(key_parts.begin(), key_parts.end(), name_parts.begin(), name_parts.end());
}

std::map<std::string, Override> overrides_of(Node & node) {
  rcl_params_t * params = nullptr;
  check(rcl_arguments_get_param_overrides(&node.context().handle()->global_arguments, &params),
        "read the parameters given at start");
  std::map<std::string, Override> found;
  if (params == nullptr) {
    return found;
  }
  const std::string full = node.fully_qualified_name();
  for (std::size_t n = 0; n < params->num_nodes; ++n) {
    const std::string key = params->node_names[n];
    if (!key_matches(key, full)) {
      continue;
    }
    const bool for_all = key == "/**" || key == "**";
    const rcl_node_params_t & own = params->params[n];
    for (std::size_t i = 0; i < own.num_params; ++i) {
      Override & entry = found[own.parameter_names[i]];
      entry.value = from_yaml(own.parameter_values[i]);
      entry.own = entry.own || !for_all;
    }
  }
  rcl_yaml_node_struct_fini(params);
  for (const auto & name : node.context().command_line_parameters()) {
    if (const auto entry = found.find(name); entry != found.end()) {
      entry->second.own = true;
    }
  }
  return found;
}

}  // namespace care_rcl

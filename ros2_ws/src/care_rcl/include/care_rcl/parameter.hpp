// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rcl_interfaces/msg/parameter_descriptor.hpp>
#include <rcl_interfaces/msg/parameter_value.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

namespace care_rcl {

/// Value of a parameter. An empty list in a file has no type: std::monostate.
using ParameterValue =
    std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<bool>,
                 std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>>;

/// A declared parameter: type, unit, range and meaning. It checks what is set.
struct Parameter {
  std::string name;
  ParameterValue initial;   ///< Default; its type is the parameter's type.
  std::string description;  ///< One line for a person.
  std::string unit = {};    ///< UCUM unit, empty for none.
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices = {};  ///< Allowed texts; empty: any.
  bool live = false;                      ///< May be set while the node runs.

  /// Return the value with this parameter's type: a whole number serves as a number.
  /// @throws ConfigurationError for a wrong type, out of range, not finite, or not a choice.
  ParameterValue checked(const ParameterValue & value) const;

  /// What ROS tools show.
  rcl_interfaces::msg::ParameterDescriptor descriptor() const;

 private:
  ParameterValue typed(const ParameterValue & value) const;
  void check_number(double number, const ParameterValue & value) const;
  void check_text(const std::string & text, const ParameterValue & value) const;
  [[noreturn]] void refuse(const ParameterValue & value, const std::string & rule) const;
};

/// Value as text for a person, e.g. "[1, 2]".
std::string to_text(const ParameterValue & value);

rcl_interfaces::msg::ParameterValue to_message(const ParameterValue & value);
ParameterValue from_message(const rcl_interfaces::msg::ParameterValue & message);

/// Type number of rcl_interfaces/ParameterType.
std::uint8_t type_of(const ParameterValue & value);

/// The known name nearest to an unknown one by edit distance; empty when none is near.
std::string nearest(const std::string & name, const std::vector<std::string> & known);

}  // namespace care_rcl

// SPDX-License-Identifier: Apache-2.0
#include "care_rcl/parameter.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>
#include <type_traits>

#include "care_rcl/error.hpp"

namespace care_rcl {
namespace {

constexpr const char * kTypeWords[] = {
    "nothing",        "true or false",           "a whole number",          "a number",
    "a text",         "a list of true or false", "a list of whole numbers", "a list of numbers",
    "a list of texts"};

template <typename T>
void write(std::ostream & out, const T & value) {
  if constexpr (std::is_same_v<T, bool>) {
    out << (value ? "true" : "false");
  } else if constexpr (std::is_same_v<T, std::string>) {
    out << '"' << value << '"';
  } else {
    out << value;
  }
}

template <typename T>
void write(std::ostream & out, const std::vector<T> & values) {
  out << '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    out << (i == 0 ? "" : ", ");
    write(out, static_cast<T>(values[i]));
  }
  out << ']';
}

std::size_t edit_distance(const std::string & a, const std::string & b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string to_text(const ParameterValue & value) {
  std::ostringstream out;
  std::visit(
      [&out](const auto & v) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(v)>, std::monostate>) {
          write(out, v);
        } else {
          out << "nothing";
        }
      },
      value);
  return out.str();
}

void Parameter::refuse(const ParameterValue & value, const std::string & rule) const {
  throw ConfigurationError(
      "Parameter \"" + name + "\" is " + to_text(value) + (unit.empty() ? "" : " " + unit) +
          ", but it must be " + rule + ".",
      "Set it in the params file or on the launch line. It means: " + description + ".");
}

ParameterValue Parameter::typed(const ParameterValue & value) const {
  if (value.index() == initial.index()) {
    return value;
  }
  if (std::holds_alternative<double>(initial) && std::holds_alternative<std::int64_t>(value)) {
    return static_cast<double>(std::get<std::int64_t>(value));
  }
  if (std::holds_alternative<std::vector<double>>(initial) &&
      std::holds_alternative<std::vector<std::int64_t>>(value)) {
    const auto & whole = std::get<std::vector<std::int64_t>>(value);
    return std::vector<double>(whole.begin(), whole.end());
  }
  if (std::holds_alternative<std::monostate>(value)) {  // an empty list in a file has no type
    if (std::holds_alternative<std::vector<std::string>>(initial)) {
      return std::vector<std::string>{};
    }
    if (std::holds_alternative<std::vector<double>>(initial)) {
      return std::vector<double>{};
    }
  }
  refuse(value, kTypeWords[initial.index()]);
}

void Parameter::check_number(double number, const ParameterValue & value) const {
  std::ostringstream rule;
  if (!std::isfinite(number)) {
    rule << "finite";
  } else if (number < minimum) {
    rule << "at least " << minimum;
  } else if (number > maximum) {
    rule << "at most " << maximum;
  } else {
    return;
  }
  refuse(value, rule.str());
}

void Parameter::check_text(const std::string & text, const ParameterValue & value) const {
  if (choices.empty() || std::find(choices.begin(), choices.end(), text) != choices.end()) {
    return;
  }
  std::string rule = "one of";
  for (const auto & choice : choices) {
    rule += " " + choice;
  }
  refuse(value, rule);
}

ParameterValue Parameter::checked(const ParameterValue & value) const {
  ParameterValue result = typed(value);
  if (const auto * whole = std::get_if<std::int64_t>(&result)) {
    check_number(static_cast<double>(*whole), value);
  } else if (const auto * number = std::get_if<double>(&result)) {
    check_number(*number, value);
  } else if (const auto * text = std::get_if<std::string>(&result)) {
    check_text(*text, value);
  } else if (const auto * numbers = std::get_if<std::vector<double>>(&result)) {
    for (const double each : *numbers) {
      check_number(each, value);
    }
  } else if (const auto * texts = std::get_if<std::vector<std::string>>(&result)) {
    for (const auto & each : *texts) {
      check_text(each, value);
    }
  }
  return result;
}

rcl_interfaces::msg::ParameterDescriptor Parameter::descriptor() const {
  rcl_interfaces::msg::ParameterDescriptor message;
  message.name = name;
  message.type = type_of(initial);
  message.description = unit.empty() ? description : description + " [" + unit + "]";
  message.read_only = !live;
  for (const auto & choice : choices) {
    message.additional_constraints += (message.additional_constraints.empty() ? "" : ", ") + choice;
  }
  if (!std::isfinite(minimum) && !std::isfinite(maximum)) {
    return message;
  }
  if (std::holds_alternative<std::int64_t>(initial)) {
    using Whole = std::numeric_limits<std::int64_t>;
    auto & range = message.integer_range.emplace_back();
    range.from_value = std::isfinite(minimum) ? static_cast<std::int64_t>(minimum) : Whole::min();
    range.to_value = std::isfinite(maximum) ? static_cast<std::int64_t>(maximum) : Whole::max();
  } else {
    auto & range = message.floating_point_range.emplace_back();
    range.from_value = minimum;
    range.to_value = maximum;
  }
  return message;
}

std::uint8_t type_of(const ParameterValue & value) {
  // Numbers of rcl_interfaces/ParameterType in the order of the variant; 5 is byte[], not used.
  constexpr std::uint8_t kNumbers[] = {0, 1, 2, 3, 4, 6, 7, 8, 9};
  return kNumbers[value.index()];
}

rcl_interfaces::msg::ParameterValue to_message(const ParameterValue & value) {
  rcl_interfaces::msg::ParameterValue message;
  message.type = type_of(value);
  switch (value.index()) {
    case 1:
      message.bool_value = std::get<bool>(value);
      break;
    case 2:
      message.integer_value = std::get<std::int64_t>(value);
      break;
    case 3:
      message.double_value = std::get<double>(value);
      break;
    case 4:
      message.string_value = std::get<std::string>(value);
      break;
    case 5:
      message.bool_array_value = std::get<std::vector<bool>>(value);
      break;
    case 6:
      message.integer_array_value = std::get<std::vector<std::int64_t>>(value);
      break;
    case 7:
      message.double_array_value = std::get<std::vector<double>>(value);
      break;
    case 8:
      message.string_array_value = std::get<std::vector<std::string>>(value);
      break;
    default:
      break;
  }
  return message;
}

ParameterValue from_message(const rcl_interfaces::msg::ParameterValue & message) {
  switch (message.type) {
    case 1:
      return message.bool_value;
    case 2:
      return message.integer_value;
    case 3:
      return message.double_value;
    case 4:
      return message.string_value;
    case 6:
      return message.bool_array_value;
    case 7:
      return message.integer_array_value;
    case 8:
      return message.double_array_value;
    case 9:
      return message.string_array_value;
    default:
      return std::monostate{};
  }
}

std::string nearest(const std::string & name, const std::vector<std::string> & known) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(name.size() / 2, 2);
  for (const auto & each : known) {
    const std::size_t distance = edit_distance(name, each);
    if (distance < best_distance) {
      best_distance = distance;
      best = each;
    }
  }
  return best;
}

}  // namespace care_rcl

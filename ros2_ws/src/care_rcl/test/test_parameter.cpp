// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "care_rcl/error.hpp"
#include "care_rcl/overrides.hpp"
#include "care_rcl/parameter.hpp"

namespace care_rcl {
namespace {

Parameter speed() {
  Parameter parameter;
  parameter.name = "max_linear";
  parameter.initial = 0.6;
  parameter.description = "Largest speed";
  parameter.unit = "m/s";
  parameter.minimum = 0.1;
  parameter.maximum = 1.0;
  return parameter;
}

std::string refusal(const Parameter & parameter, const ParameterValue & value) {
  try {
    parameter.checked(value);
  } catch (const ConfigurationError & error) {
    return error.what();
  }
  return "";
}

TEST(Parameter, takes_a_whole_number_for_a_number) {
  EXPECT_EQ(std::get<double>(speed().checked(std::int64_t{1})), 1.0);
}

TEST(Parameter, refuses_out_of_range_and_says_the_range_and_the_unit) {
  EXPECT_EQ(refusal(speed(), 1.0), "");
  EXPECT_NE(refusal(speed(), 1.01).find("1.01 m/s, but it must be at most 1."), std::string::npos);
  EXPECT_NE(refusal(speed(), 0.09).find("at least 0.1"), std::string::npos);
}

TEST(Parameter, refuses_what_is_not_finite) {
  EXPECT_NE(refusal(speed(), std::nan("")).find("finite"), std::string::npos);
  EXPECT_NE(refusal(speed(), HUGE_VAL).find("finite"), std::string::npos);
}

TEST(Parameter, refuses_another_type) {
  EXPECT_NE(refusal(speed(), std::string("fast")).find("a number"), std::string::npos);
  EXPECT_NE(refusal(speed(), true).find("a number"), std::string::npos);
}

TEST(Parameter, refuses_a_text_that_is_no_choice) {
  Parameter mode;
  mode.name = "mode";
  mode.initial = std::string("none");
  mode.choices = {"none", "teleop"};
  EXPECT_EQ(refusal(mode, std::string("teleop")), "");
  EXPECT_NE(refusal(mode, std::string("telop")).find("one of none teleop"), std::string::npos);
}

TEST(Parameter, takes_an_untyped_empty_list) {
  Parameter names;
  names.name = "names";
  names.initial = std::vector<std::string>{"a"};
  EXPECT_TRUE(std::get<std::vector<std::string>>(names.checked(std::monostate{})).empty());
  EXPECT_NE(refusal(speed(), std::monostate{}), "");
}

TEST(Parameter, survives_the_way_through_a_message) {
  const std::vector<ParameterValue> values = {true,
                                              std::int64_t{-3},
                                              2.5,
                                              std::string("x"),
                                              std::vector<bool>{true, false},
                                              std::vector<std::int64_t>{1, 2},
                                              std::vector<double>{0.5},
                                              std::vector<std::string>{"a", "b"}};
  for (const auto & value : values) {
    EXPECT_EQ(from_message(to_message(value)), value);
  }
}

TEST(Parameter, describes_its_range_and_whether_it_is_read_only) {
  const auto descriptor = speed().descriptor();
  ASSERT_EQ(descriptor.floating_point_range.size(), 1u);
  EXPECT_EQ(descriptor.floating_point_range[0].to_value, 1.0);
  EXPECT_TRUE(descriptor.read_only);
  EXPECT_EQ(descriptor.description, "Largest speed [m/s]");
}

TEST(Nearest, names_the_known_parameter_that_was_meant) {
  const std::vector<std::string> known = {"max_linear", "max_angular", "wheel_radius"};
  EXPECT_EQ(nearest("max_linaer", known), "max_linear");
  EXPECT_EQ(nearest("wheel_radios", known), "wheel_radius");
  EXPECT_EQ(nearest("zzzzzzzz", known), "");
}

TEST(KeyMatches, follows_the_wildcards_of_parameter_files) {
  const std::string name = "/robot_1/control";
  for (const char * key : {"/**", "/robot_1/control", "/*/control", "/robot_1/*", "/robot_1/**",
                           "/**/control", "**/control"}) {
    EXPECT_TRUE(key_matches(key, name)) << key;
  }
  for (const char * key :
       {"/control", "/*", "/robot_2/control", "/robot_1/control/x", "/robot_1"}) {
    EXPECT_FALSE(key_matches(key, name)) << key;
  }
}

}  // namespace
}  // namespace care_rcl

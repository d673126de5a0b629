// SPDX-License-Identifier: Apache-2.0
// Parameters given at start: command line and files.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "care_rcl/error.hpp"
#include "care_rcl/parameters.hpp"

namespace care_rcl {
namespace {

class Overrides : public ::testing::Test {
 protected:
  ~Overrides() override {
    for (const auto & file : files_) {
      std::remove(file.c_str());
    }
  }

  /// Write a parameter file that is removed after the test.
  std::string file(const std::string & text) {
    files_.push_back(::testing::TempDir() + "care_rcl_" +
                     ::testing::UnitTest::GetInstance()->current_test_info()->name() +
                     std::to_string(files_.size()) + ".yaml");
    std::ofstream(files_.back()) << text;
    return files_.back();
  }

  /// Start the node /here/test with these ROS arguments.
  void start(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"test", "--ros-args"});
    std::vector<const char *> words;
    for (const auto & word : arguments) {
      words.push_back(word.c_str());
    }
    context = std::make_unique<Context>(static_cast<int>(words.size()), words.data());
    node = std::make_unique<Node>(*context, "test", "/here");
    loop = std::make_unique<WaitLoop>(*context);
    parameters = std::make_unique<Parameters>(*node, *loop, declared());
  }

  std::string refusal(const std::vector<std::string> & arguments) {
    try {
      start(arguments);
    } catch (const ConfigurationError & error) {
      return error.what();
    }
    return "taken";
  }

  static std::vector<Parameter> declared() {
    return {{"speed", 0.5, "Speed", "m/s", 0.1, 1.0, {}, true},
            {"count", std::int64_t{3}, "Number"},
            {"texts", std::vector<std::string>{"a"}, "Texts"},
            {"truths", std::vector<bool>{}, "Truths"},
            {"numbers", std::vector<double>{}, "Numbers"},
            {"integers", std::vector<std::int64_t>{}, "Integers"}};
  }

  // Released from the last to the first.
  std::unique_ptr<Context> context;
  std::unique_ptr<Node> node;
  std::unique_ptr<WaitLoop> loop;
  std::unique_ptr<Parameters> parameters;

 private:
  std::vector<std::string> files_;
};

TEST_F(Overrides, without_any_the_defaults_hold) {
  start({});
  EXPECT_EQ(parameters->number("speed"), 0.5);
  EXPECT_FALSE(parameters->flag("use_sim_time"));
  EXPECT_TRUE(parameters->flag("start_type_description_service"));
}

TEST_F(Overrides, every_type_comes_from_a_file) {
  start({"--params-file", file("/here/test:\n  ros__parameters:\n    speed: 1\n    count: 7\n"
                               "    texts: ['', 'b']\n    truths: [true, false]\n"
                               "    numbers: [0.5, 1.5]\n    integers: [1, 2]\n"
                               "    use_sim_time: true\n")});
  EXPECT_EQ(parameters->number("speed"), 1.0);
  EXPECT_EQ(parameters->value<std::int64_t>("count"), 7);
  EXPECT_EQ(parameters->texts("texts"), std::vector<std::string>{"b"});
  EXPECT_EQ(parameters->value<std::vector<bool>>("truths"), (std::vector<bool>{true, false}));
  EXPECT_EQ(parameters->value<std::vector<double>>("numbers"), (std::vector<double>{0.5, 1.5}));
  EXPECT_EQ(parameters->value<std::vector<std::int64_t>>("integers"),
            (std::vector<std::int64_t>{1, 2}));
  EXPECT_TRUE(parameters->flag("use_sim_time"));
}

TEST_F(Overrides, of_keys_and_files_and_the_command_line_the_later_wins) {
  const auto all = file("/**:\n  ros__parameters:\n    speed: 0.2\n    count: 1\n");
  const auto own = file("/here/test:\n  ros__parameters:\n    speed: 0.3\n");
  start({"--params-file", all, "--params-file", own});
  EXPECT_EQ(parameters->number("speed"), 0.3);
  EXPECT_EQ(parameters->value<std::int64_t>("count"), 1);
  parameters.reset(), loop.reset(), node.reset(), context.reset();
  start({"--params-file", own, "--params-file", all});
  EXPECT_EQ(parameters->number("speed"), 0.2);
  parameters.reset(), loop.reset(), node.reset(), context.reset();
  start({"--params-file", own, "-p", "speed:=0.4"});
  EXPECT_EQ(parameters->number("speed"), 0.4);
}

TEST_F(Overrides, keys_match_the_name_after_remapping) {
  const auto other = file(
      "/there/other:\n  ros__parameters:\n    speed: 0.3\n"
      "/here/test:\n  ros__parameters:\n    speed: 0.2\n");
  start({"-r", "__node:=other", "-r", "__ns:=/there", "--params-file", other});
  EXPECT_EQ(parameters->number("speed"), 0.3);
}

TEST_F(Overrides, wrong_ones_are_refused_with_cause_and_cure) {
  const auto expect = [this](const std::string & assignment, const std::string & words) {
    const std::string said = refusal({"-p", assignment});
    EXPECT_NE(said.find(words), std::string::npos) << assignment << ": " << said;
    parameters.reset(), loop.reset(), node.reset(), context.reset();
  };
  expect("speed:=9.0", "at most 1");
  expect("speed:=.nan", "finite");
  expect("speed:=fast", "a number");
  expect("count:=1.5", "a whole number");
  expect("sped:=0.5", "Did you mean \"speed\"?");
  expect("nothing_like_it:=1", "Remove it.");
}

TEST_F(Overrides, an_unknown_one_is_refused_under_the_nodes_own_key_only) {
  const std::string values = "\n  ros__parameters:\n    of_another: 1\n    speed: 0.3\n";
  EXPECT_EQ(refusal({"--params-file", file("/**:" + values)}), "taken");
  parameters.reset(), loop.reset(), node.reset(), context.reset();
  EXPECT_NE(refusal({"--params-file", file("/here/test:" + values)}).find("of_another"),
            std::string::npos);
}

TEST_F(Overrides, what_ros_itself_may_set_is_taken_from_everybody) {
  EXPECT_EQ(refusal({"-p", "qos_overrides./x.publisher.depth:=5"}), "taken");
}

}  // namespace
}  // namespace care_rcl

// SPDX-License-Identifier: Apache-2.0
// What each class does when rcl refuses.
#include <gtest/gtest.h>
#include <rcl/error_handling.h>
#include <rcl/init.h>

#include <diagnostic_msgs/msg/key_value.hpp>
#include <diagnostic_msgs/srv/add_diagnostics.hpp>

#include <chrono>
#include <functional>
#include <future>
#include <stdexcept>
#include <string>
#include <vector>

#include "care_rcl/error.hpp"
#include "care_rcl/lifecycle.hpp"
#include "care_rcl/publisher.hpp"
#include "care_rcl/qos.hpp"
#include "care_rcl/subscription.hpp"
#include "care_rcl/timer.hpp"
#include "care_rcl/type_descriptions.hpp"

namespace care_rcl {
namespace {

using diagnostic_msgs::msg::KeyValue;
using diagnostic_msgs::srv::AddDiagnostics;
using std::chrono::milliseconds;

std::string words_of(const std::function<void()> & act) {
  try {
    act();
  } catch (const Error & error) {
    return error.what();
  }
  return "no error";
}

std::string printed(const std::function<void()> & act) {
  testing::internal::CaptureStderr();
  act();
  return testing::internal::GetCapturedStderr();
}

void expect_in(const std::string & part, const std::string & whole) {
  EXPECT_NE(whole.find(part), std::string::npos) << "no \"" << part << "\" in: " << whole;
}

class Errors : public ::testing::Test {
 protected:
  void shut_down() { check(rcl_shutdown(context.handle()), "shut down"); }

  Context context{0, nullptr};
  Node node{context, "errors"};
};

TEST(Check, throws_with_what_was_tried_and_the_words_of_rcl_and_forgets_them) {
  RCL_SET_ERROR_MSG("out of luck");
  const std::string words = words_of([] { check(RCL_RET_ERROR, "be lucky"); });
  expect_in("Cannot be lucky: out of luck", words);
  expect_in("(rcl code 1)", words);
  EXPECT_FALSE(rcl_error_is_set());
  EXPECT_EQ(words_of([] { check(RCL_RET_OK, "be lucky"); }), "no error");
}

TEST(Report, prints_and_forgets_and_never_throws) {
  RCL_SET_ERROR_MSG("out of luck");
  expect_in("Cannot end: out of luck", printed([] { report(RCL_RET_ERROR, "end"); }));
  EXPECT_FALSE(rcl_error_is_set());
  EXPECT_EQ(printed([] { report(RCL_RET_OK, "end"); }), "");
}

TEST(ContextErrors, an_unknown_ros_argument_is_refused_and_the_next_context_starts) {
  const std::vector<const char *> unknown = {"x", "--ros-args", "--no-such-thing"};
  expect_in("not known", words_of([&] { Context(3, unknown.data()); }));
  const std::vector<const char *> malformed = {"x", "--ros-args", "-r", "no_rule"};
  expect_in("Cannot start rcl", words_of([&] { Context(4, malformed.data()); }));
  const Context next(0, nullptr);
}

TEST_F(Errors, a_name_that_is_none_is_refused_by_each_class) {
  const std::string bad = "no//name";
  const std::vector<std::function<void()>> makers = {
      [&] { Node(context, bad); },
      [&] { Node(context, "good", bad); },
      [&] { (void)node.resolve(bad); },
      [&] { Publisher<KeyValue>(node, bad, qos::periodic()); },
      [&] { Subscription<KeyValue>(node, bad, qos::periodic(), [](const auto &) {}); },
      [&] { Service<AddDiagnostics>(node, bad, [](const auto &, auto &) {}); },
  };
  for (std::size_t i = 0; i < makers.size(); ++i) {
    expect_in(bad, words_of(makers[i]));
    EXPECT_FALSE(rcl_error_is_set()) << i;
  }
}

TEST_F(Errors, a_negative_period_is_refused) {
  expect_in("Cannot make a timer", words_of([&] { Timer(node, milliseconds(-1), [] {}); }));
}

TEST_F(Errors, nothing_can_be_made_once_ros_is_shut_down) {
  WaitLoop loop(context);
  shut_down();
  expect_in("make node late", words_of([&] { Node(context, "late"); }));
  expect_in("publish late", words_of([&] { Publisher<KeyValue>(node, "late", qos::periodic()); }));
  expect_in("subscribe to late", words_of([&] {
              Subscription<KeyValue>(node, "late", qos::periodic(), [](const auto &) {});
            }));
  expect_in("serve late",
            words_of([&] { Service<AddDiagnostics>(node, "late", [](const auto &, auto &) {}); }));
  expect_in("serve ~/get_type_description", words_of([&] { TypeDescriptions{node}; }));
  expect_in("make a guard condition", words_of([&] { GuardCondition{context}; }));
  expect_in("make the life cycle", words_of([&] { Lifecycle(node, loop, {}); }));
  expect_in("make the wait set", words_of([&] { loop.spin_once(milliseconds(1)); }));
  EXPECT_FALSE(rcl_error_is_set());
}

TEST_F(Errors, a_message_that_cannot_go_is_logged_not_thrown) {
  Publisher<KeyValue> publisher(node, "out", qos::periodic());
  shut_down();
  expect_in("/out", printed([&] { publisher.publish(KeyValue()); }));
  EXPECT_FALSE(rcl_error_is_set());
}

TEST_F(Errors, an_answer_that_cannot_go_is_logged_not_thrown) {
  struct Opened : Service<AddDiagnostics> {
    using Service::send_raw;
    using Service::Service;
  };
  Opened service(node, "shout", [](const auto &, auto &) {});
  rmw_request_id_t id{};
  expect_in("No answer sent on /shout", printed([&] { service.send_raw(id, nullptr); }));
  EXPECT_FALSE(rcl_error_is_set());
}

TEST_F(Errors, ready_without_a_message_or_a_request_calls_nobody) {
  int calls = 0;
  Subscription<KeyValue> subscription(node, "in", qos::periodic(), [&](const auto &) { ++calls; });
  Service<AddDiagnostics> service(node, "shout", [&](const auto &, auto &) { ++calls; });
  TypeDescriptions types(node);
  subscription.execute();
  service.execute();
  types.execute();
  EXPECT_EQ(calls, 0);
  EXPECT_FALSE(rcl_error_is_set());
}

TEST_F(Errors, a_guard_condition_wakes_a_waiting_loop_from_another_thread) {
  GuardCondition guard(context);
  WaitLoop loop(context);
  loop.add(guard);
  const std::int64_t start = steady_ns();
  const auto waking = std::async(std::launch::async, [&] { guard.trigger(); });
  loop.spin_once(std::chrono::seconds(60));
  EXPECT_LT(steady_ns() - start, 30'000'000'000);
}

TEST_F(Errors, a_transition_that_does_not_start_here_is_refused_and_logged) {
  WaitLoop loop(context);
  Lifecycle lifecycle(node, loop, {});
  bool done = true;
  expect_in("No transition \"activate\" from state unconfigured",
            printed([&] { done = lifecycle.change("activate"); }));
  EXPECT_FALSE(done);
  EXPECT_EQ(lifecycle.state(), 1);
}

std::function<bool()> throwing() {
  return []() -> bool { throw std::runtime_error("broken"); };
}

TEST_F(Errors, what_cannot_recover_from_an_error_is_finalized) {
  const std::vector<std::function<bool()>> recoveries = {{}, [] { return false; }, throwing()};
  for (const auto & recovery : recoveries) {
    WaitLoop loop(context);
    Lifecycle::Callbacks callbacks;
    callbacks.configure = throwing();
    callbacks.error = recovery;
    Lifecycle lifecycle(node, loop, callbacks);
    EXPECT_FALSE(lifecycle.change("configure"));
    EXPECT_EQ(lifecycle.state_label(), "finalized");
  }
}

TEST_F(Errors, shutdown_is_final_from_each_state_and_its_errors_recover) {
  for (const std::vector<std::string> & way :
       {std::vector<std::string>{}, {"configure"}, {"configure", "activate"}}) {
    WaitLoop loop(context);
    Lifecycle lifecycle(node, loop, {});
    for (const auto & label : way) {
      EXPECT_TRUE(lifecycle.change(label));
    }
    EXPECT_TRUE(lifecycle.change("shutdown"));
    EXPECT_EQ(lifecycle.state_label(), "finalized");
    EXPECT_FALSE(lifecycle.change("configure"));
  }
  WaitLoop loop(context);
  Lifecycle::Callbacks callbacks;
  callbacks.shutdown = throwing();
  callbacks.error = [] { return true; };
  Lifecycle lifecycle(node, loop, callbacks);
  EXPECT_FALSE(lifecycle.change("shutdown"));
  EXPECT_EQ(lifecycle.state_label(), "unconfigured");
}

}  // namespace
}  // namespace care_rcl

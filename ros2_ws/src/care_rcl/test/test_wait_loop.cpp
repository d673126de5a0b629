// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include "care_rcl/error.hpp"
#include "care_rcl/node.hpp"
#include "care_rcl/publisher.hpp"
#include "care_rcl/qos.hpp"
#include "care_rcl/subscription.hpp"
#include "care_rcl/timer.hpp"
#include "care_rcl/wait_loop.hpp"

#include <builtin_interfaces/msg/time.hpp>
#include <care_msgs/msg/heartbeat.hpp>

namespace care_rcl {
namespace {

using std::chrono::milliseconds;

class Loop : public ::testing::Test {
 protected:
  /// Spin until the condition holds, ten seconds at most.
  template <typename Condition>
  bool spin_until(Condition condition) {
    const std::int64_t end = steady_ns() + 10'000'000'000;
    while (!condition() && steady_ns() < end) {
      loop.spin_once(milliseconds(50));
    }
    return condition();
  }

  Context context{0, nullptr};
  Node node{context, "loop_test", "/here"};
  WaitLoop loop{context};
};

TEST_F(Loop, a_timer_fires_at_its_period) {
  int fired = 0;
  const std::int64_t start = steady_ns();
  Timer timer(node, milliseconds(20), [&] { ++fired; });
  loop.add(timer);
  EXPECT_TRUE(spin_until([&] { return fired == 5; }));
  EXPECT_GE(steady_ns() - start, 80'000'000);
}

TEST_F(Loop, a_message_goes_from_publisher_to_subscription) {
  std::string heard;
  Publisher<care_msgs::msg::Heartbeat> publisher(node, "beat", qos::latched());
  Subscription<care_msgs::msg::Heartbeat> subscription(
      node, "beat", qos::latched(), [&](const auto & message) { heard = message.node; });
  loop.add(subscription);
  care_msgs::msg::Heartbeat message;
  message.node = "/here/loop_test";
  publisher.publish(message);
  EXPECT_TRUE(spin_until([&] { return heard == "/here/loop_test"; }));
}

TEST_F(Loop, a_callback_that_throws_is_reported_and_the_loop_goes_on) {
  int reported = 0;
  loop.failed = [&](const std::exception & error) {
    reported += std::string(error.what()) == "bad" ? 1 : 0;
  };
  Timer timer(node, milliseconds(5), [] { throw std::runtime_error("bad"); });
  loop.add(timer);
  EXPECT_TRUE(spin_until([&] { return reported == 3; }));
}

TEST_F(Loop, a_callback_that_throws_ends_a_loop_that_nobody_listens_to) {
  Timer timer(node, milliseconds(5), [] { throw std::runtime_error("bad"); });
  loop.add(timer);
  EXPECT_THROW(loop.spin(), std::runtime_error);
}

TEST_F(Loop, another_thread_ends_it_at_once) {
  std::thread other([&] {
    std::this_thread::sleep_for(milliseconds(50));
    loop.stop();
  });
  const std::int64_t start = steady_ns();
  loop.spin();
  EXPECT_LT(steady_ns() - start, 3'000'000'000);
  other.join();
}

TEST_F(Loop, names_are_expanded_and_clocks_run) {
  EXPECT_EQ(node.fully_qualified_name(), "/here/loop_test");
  EXPECT_EQ(node.resolve("odom"), "/here/odom");
  EXPECT_EQ(node.resolve("~/set"), "/here/loop_test/set");
  node.use_clock_topic(true);
  node.set_clock_topic_time(5'000'000'007);
  EXPECT_EQ(node.stamp().sec, 5);
  EXPECT_EQ(node.stamp().nanosec, 7u);
  node.use_clock_topic(false);
  EXPECT_GT(node.stamp().sec, 1'600'000'000);
}

TEST_F(Loop, a_wrong_name_is_an_error_with_the_words_of_rcl) {
  EXPECT_THROW(Node(context, "no good name"), Error);
  EXPECT_THROW(Publisher<care_msgs::msg::Heartbeat>(node, "not//good", qos::periodic()), Error);
}

TEST(Stamp, negative_times_are_carried_over) {
  const auto stamp = to_stamp(-1);
  EXPECT_EQ(stamp.sec, -1);
  EXPECT_EQ(stamp.nanosec, 999'999'999u);
  EXPECT_EQ(to_nanoseconds(stamp), -1);
}

}  // namespace
}  // namespace care_rcl

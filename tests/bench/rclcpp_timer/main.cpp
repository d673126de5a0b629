// SPDX-License-Identifier: Apache-2.0
// rclcpp_timer timer|thread SECONDS: how far from 1 ms the turns of an rclcpp wall timer, or of a
// real-time thread beside an rclcpp node, are apart; one number [us] a turn.
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "rclcpp/rclcpp.hpp"

namespace {

constexpr std::int64_t kPeriod = 1'000'000;
constexpr std::int64_t kSecond = 1'000'000'000;

std::int64_t now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * kSecond + time.tv_nsec;
}

void sleep_by_deadlines(std::vector<std::int64_t> & turns, std::int64_t end) {
  sched_param parameter{};
  parameter.sched_priority = 80;
  pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameter);
  for (std::int64_t deadline = now() + kPeriod; deadline < end; deadline += kPeriod) {
    const timespec until{deadline / kSecond, deadline % kSecond};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
    turns.push_back(now());
    if (turns.back() > deadline + kPeriod) {
      deadline += (turns.back() - deadline) / kPeriod * kPeriod;
    }
  }
}

}  // namespace

int main(int argc, char ** argv) {
  rclcpp::init(argc, argv);
  const auto node = std::make_shared<rclcpp::Node>("cpp_timer");
  const std::int64_t end = now() + std::atoll(argv[2]) * kSecond;
  std::vector<std::int64_t> turns;
  turns.reserve(static_cast<std::size_t>(std::atoll(argv[2]) + 1) * 1100);
  std::thread thread;
  rclcpp::TimerBase::SharedPtr timer;
  if (std::string(argv[1]) == "thread") {
    thread = std::thread([&] { sleep_by_deadlines(turns, end); });
  } else {
    timer = node->create_wall_timer(std::chrono::nanoseconds(kPeriod),
                                    [&turns] { turns.push_back(now()); });
  }
  rclcpp::executors::SingleThreadedExecutor executor;
  executor.add_node(node);
  while (now() < end) {
    executor.spin_once(std::chrono::milliseconds(100));
  }
  if (thread.joinable()) {
    thread.join();
  }
  for (std::size_t i = 1; i < turns.size(); ++i) {
    std::printf("%.1f\n", std::abs(static_cast<double>(turns[i] - turns[i - 1] - kPeriod)) / 1e3);
  }
  rclcpp::shutdown();
  return 0;
}

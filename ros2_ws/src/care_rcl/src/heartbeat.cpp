// SPDX-License-Identifier: Apache-2.0
#include "care_rcl/heartbeat.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

#include "care_rcl/diagnostics.hpp"
#include "care_rcl/qos.hpp"

namespace care_rcl {

std::string make_uuid() {
  std::random_device source;
  std::uniform_int_distribution<int> nibble(0, 15);
  std::string uuid = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
  for (char & c : uuid) {
    if (c == 'x') {
      c = "0123456789abcdef"[nibble(source)];
    } else if (c == 'y') {  // variant bits of RFC 4122
      c = "89ab"[nibble(source) % 4];
    }
  }
  return uuid;
}

Heartbeat::Heartbeat(Node & node, WaitLoop & loop, std::function<Pulse()> pulse)
    : node_(node),
      pulse_(std::move(pulse)),
      publisher_(node, "heartbeat", qos::periodic()),
      timer_(node, std::chrono::milliseconds(200), [this] { beat(); }) {
  message_.node = node.fully_qualified_name();
  message_.pid = static_cast<std::uint32_t>(getpid());
  message_.host = host_name();
  message_.boot_id = make_uuid();
  loop.add(timer_);
}

void Heartbeat::beat() {
  const Pulse pulse = pulse_();
  message_.header.stamp = node_.stamp();
  message_.state = std::min(pulse.state, care_msgs::msg::Heartbeat::TRANSITION);
  message_.turns = pulse.turns;
  message_.fault = pulse.fault;
  message_.inputs.clear();
  for (const auto & [name, age] : pulse.ages) {
    auto & input = message_.inputs.emplace_back();
    input.name = name;
    input.age = static_cast<float>(age);
  }
  publisher_.publish(message_);
}

}  // namespace care_rcl

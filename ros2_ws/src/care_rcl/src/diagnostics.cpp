// SPDX-License-Identifier: Apache-2.0
#include "care_rcl/diagnostics.hpp"

#include <unistd.h>

#include <chrono>

#include "care_rcl/qos.hpp"

namespace care_rcl {

std::string host_name() {
  char name[256] = {};
  gethostname(name, sizeof(name) - 1);
  return name;
}

Diagnostics::Diagnostics(Node & node, WaitLoop & loop, std::function<void()> refresh)
    : node_(node),
      refresh_(std::move(refresh)),
      publisher_(node, "/diagnostics", qos::periodic()),
      timer_(node, std::chrono::seconds(1), [this] { publish(); }) {
  loop.add(timer_);
}

void Diagnostics::set(const std::string & name, Level level, const std::string & text,
                      Pairs values) {
  auto & line = lines_[name];
  line.level = level;
  line.name = node_.fully_qualified_name() + ": " + name;
  line.message = text;
  line.hardware_id = host_name();
  line.values.clear();
  for (auto & [key, value] : values) {
    auto & pair = line.values.emplace_back();
    pair.key = std::move(key);
    pair.value = std::move(value);
  }
}

void Diagnostics::publish() {
  refresh_();
  diagnostic_msgs::msg::DiagnosticArray message;
  message.header.stamp = node_.stamp();
  for (const auto & entry : lines_) {
    message.status.push_back(entry.second);
  }
  publisher_.publish(message);
}

}  // namespace care_rcl

// SPDX-License-Identifier: Apache-2.0
// A node that has one of everything, driven by test_rcl_node.py: exits 0 when its input is closed.
#include <builtin_interfaces/msg/time.hpp>
#include <diagnostic_msgs/msg/key_value.hpp>
#include <diagnostic_msgs/srv/add_diagnostics.hpp>

#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "care_rcl/diagnostics.hpp"
#include "care_rcl/error.hpp"
#include "care_rcl/heartbeat.hpp"
#include "care_rcl/lifecycle.hpp"
#include "care_rcl/parameters.hpp"
#include "care_rcl/qos.hpp"
#include "care_rcl/timer.hpp"

namespace {

using namespace care_rcl;
using diagnostic_msgs::msg::KeyValue;
using diagnostic_msgs::srv::AddDiagnostics;

std::vector<Parameter> declared() {
  const std::vector<std::string> outcomes = {"true", "false", "throw"};
  return {
      {"speed", 0.5, "Some speed", "m/s", 0.1, 1.0, {}, true},
      {"limit", 0.9, "What speed must not exceed", "m/s", 0.0, 1.0, {}, true},
      {"count", std::int64_t{3}, "Some number", "", 0, 10, {}, true},
      {"group.texts", std::vector<std::string>{"a", "b"}, "Some texts", "", 0, 0, {}, true},
      {"fixed", std::string("x"), "Read only"},
      {"outcome", std::string("true"), "How transitions end", "", 0, 0, outcomes, true},
      {"recovery", std::string("true"), "How error processing ends", "", 0, 0, outcomes, true},
  };
}

class Probe {
 public:
  Probe(Context & context, WaitLoop & loop)
      : node_(context, "rcl_probe", "/here"),
        parameters_(node_, loop, declared()),
        lifecycle_(node_, loop,
                   {work("outcome"), work("outcome"), work("outcome"), work("outcome"),
                    work("outcome"), work("recovery")}),
        heartbeat_(node_, loop,
                   [this] {
                     return Heartbeat::Pulse{lifecycle_.state(), turns_, {{"in", 0.25}}, fault_};
                   }),
        diagnostics_(node_, loop,
                     [this] {
                       diagnostics_.set("work", Diagnostics::kWarn, "it limps",
                                        {{"turns", std::to_string(turns_)}});
                     }),
        time_out_(node_, "now", qos::periodic()),
        out_(node_, "out", qos::periodic()),
        in_(node_, "in", qos::periodic(), [this](const KeyValue & message) { take(message); }),
        shout_(node_, "~/shout",
               [this](const auto & request, auto & response) {
                 if (request.load_namespace.empty()) {
                   throw std::runtime_error("nothing to shout");
                 }
                 response.success = true;
                 response.message = request.load_namespace + "!";
               }),
        timer_(node_, std::chrono::milliseconds(50), [this] {
          ++turns_;
          time_out_.publish(node_.stamp());
        }) {
    loop.failed = [this](const std::exception & error) { node_.log().error(error.what()); };
    loop.add(in_);
    loop.add(shout_);
    loop.add(timer_);
    parameters_.validate = [](const Parameters::Values & values) {
      return std::get<double>(values.at("speed")) > std::get<double>(values.at("limit"))
                 ? "speed is over limit"
                 : "";
    };
    parameters_.changed = [this] { say("changed", std::to_string(parameters_.number("speed"))); };
  }

 private:
  std::function<bool()> work(const std::string & parameter) {
    return [this, parameter] {
      const std::string & outcome = parameters_.text(parameter);
      if (outcome == "throw") {
        throw std::runtime_error("told to throw");
      }
      return outcome == "true";
    };
  }

  void take(const KeyValue & message) {
    const Logger & log = node_.log();
    message.key == "debug"   ? log.debug(message.value)
    : message.key == "warn"  ? log.warn(message.value)
    : message.key == "fatal" ? log.fatal(message.value)
    : message.key == "fault" ? void(fault_ = message.value)
                             : say(message.key, message.value);
    if (message.key == "throw") {
      throw std::runtime_error(message.value);
    }
  }

  void say(const std::string & key, const std::string & value) {
    KeyValue message;
    message.key = key;
    message.value = value;
    out_.publish(message);
  }

  Node node_;
  Parameters parameters_;
  Lifecycle lifecycle_;
  std::uint64_t turns_ = 0;
  std::string fault_;
  Heartbeat heartbeat_;
  Diagnostics diagnostics_;
  Publisher<builtin_interfaces::msg::Time> time_out_;
  Publisher<KeyValue> out_;
  Subscription<KeyValue> in_;
  Service<AddDiagnostics> shout_;
  Timer timer_;
};

}  // namespace

int main(int argc, char ** argv) {
  try {
    Context context(argc, argv);
    WaitLoop loop(context);
    Probe probe(context, loop);
    std::thread input([&loop] {
      char ignored = 0;
      while (read(STDIN_FILENO, &ignored, 1) > 0) {
      }
      loop.stop();
    });
    loop.spin();
    input.join();
  } catch (const std::exception & error) {
    std::fprintf(stderr, "FATAL: %s\n", error.what());
    return 1;
  }
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
// What the control node says on /diagnostics.
#include <cstdio>

#include "care_control/control_node.hpp"
#include "care_control/fault_words.hpp"

namespace care_control {
namespace {

using care_rcl::Diagnostics;

std::string micros(std::int64_t nanoseconds) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f", static_cast<double>(nanoseconds) * 1e-3);
  return text;
}

std::string seconds(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.3f", value);
  return text;
}

void add(Diagnostics::Pairs & pairs, const std::string & name, const Spread & spread) {
  pairs.emplace_back(name + " p50 [us]", micros(spread.p50));
  pairs.emplace_back(name + " p99 [us]", micros(spread.p99));
  pairs.emplace_back(name + " p99.9 [us]", micros(spread.p999));
  pairs.emplace_back(name + " max [us]", micros(spread.maximum));
}

}  // namespace

void ControlNode::refresh_diagnostics() {
  const Outputs outputs = loop_.outputs();
  const bool fine = may_move(outputs.state) || outputs.state == State::kInactive;
  const auto why = reasons(outputs, outputs.causes);
  diagnostics_.set("lifecycle", Diagnostics::kOk, lifecycle_.state_label(),
                   {{"state", lifecycle_.state_label()}});
  diagnostics_.set("safety", fine ? Diagnostics::kOk : Diagnostics::kWarn,
                   why.empty() ? name_of(outputs.state) : why.front(),
                   {{"state", name_of(outputs.state)}, {"limiter", name_of(outputs.limiter)}});
  diagnose_loop();
  diagnose_commands();
  diagnose_surroundings(outputs);
  diagnose_actuators(outputs);
}

void ControlNode::diagnose_loop() {
  const LoopReport report = loop_.report();
  Diagnostics::Pairs pairs = {
      {"cycles", std::to_string(report.cycles)},
      {"missed", std::to_string(report.missed)},
      {"page faults", std::to_string(report.page_faults)},
      {"involuntary switches", std::to_string(report.involuntary_switches)}};
  add(pairs, "late", report.late);
  add(pairs, "work", report.work);
  add(pairs, "late since start", report.late_total);
  add(pairs, "work since start", report.work_total);
  add(pairs, "hardware", report.hardware);
  add(pairs, "command to output", report.command);
  pairs.emplace_back("stop to braking max [cycles]", std::to_string(slowest_stop_));
  pairs.emplace_back("cycles over the hardware's budget", std::to_string(report.over_budget));
  std::string text = "in time";
  for (const auto & degradation : degradations_) {
    text = (text == "in time" ? "degraded: " : text + "; ") + degradation;
  }
  diagnostics_.set("control loop", degradations_.empty() ? Diagnostics::kOk : Diagnostics::kWarn,
                   text, std::move(pairs));
}

void ControlNode::take_failure(const std::exception & error) {
  ++failures_;
  if (failures_ <= 3 || failures_ % 100 == 0) {
    node_.log().error("A callback failed, " + std::to_string(failures_) +
                      " so far: " + error.what());
  }
  diagnostics_.set("callbacks", Diagnostics::kError, error.what(),
                   {{"failures", std::to_string(failures_)}});
}

void ControlNode::diagnose_commands() {
  Diagnostics::Pairs pairs;
  pairs.emplace_back("cmd_vel age [s]", seconds(age_s(inputs_.autonomous.received_ns)));
  pairs.emplace_back("cmd_vel_teleop age [s]", seconds(age_s(inputs_.teleop.received_ns)));
  for (std::size_t i = 0; i < peers_.names().size(); ++i) {
    pairs.emplace_back("heartbeat " + peers_.names()[i] + " age [s]",
                       seconds(age_s(peers_.moved_ns(i))));
  }
  for (const auto & [topic, intake] :
       {std::pair{"cmd_vel", &autonomous_}, std::pair{"cmd_vel_teleop", &teleop_}}) {
    pairs.emplace_back(std::string(topic) + " accepted", std::to_string(intake->accepted()));
    for (std::size_t i = 1; i < kRefusals; ++i) {
      const auto refusal = static_cast<Refusal>(i);
      pairs.emplace_back(std::string(topic) + " " + name_of(refusal),
                         std::to_string(intake->refused(refusal)));
    }
  }
  diagnostics_.set("commands", Diagnostics::kOk, "counted", std::move(pairs));
}

void ControlNode::diagnose_surroundings(const Outputs & outputs) {
  const SeparationReport & seen = outputs.separation;
  Diagnostics::Pairs pairs = {{"free ahead [m]", seconds(seen.front_gap)},
                              {"free behind [m]", seconds(seen.rear_gap)},
                              {"allowed forward [m/s]", seconds(seen.forward)},
                              {"allowed backward [m/s]", seconds(seen.reverse)},
                              {"accepted", std::to_string(surroundings_.accepted())}};
  for (std::size_t i = 1; i < kSensorRefusals; ++i) {
    const auto refusal = static_cast<SensorRefusal>(i);
    pairs.emplace_back(name_of(refusal), std::to_string(surroundings_.refused(refusal)));
  }
  const bool blind = seen.stale != 0;
  diagnostics_.set("surroundings", blind ? Diagnostics::kWarn : Diagnostics::kOk,
                   blind ? "a sensor is missing or silent" : "seen", std::move(pairs));
}

void ControlNode::diagnose_actuators(const Outputs & outputs) {
  const bool fine = outputs.hardware_faults == 0;
  const std::string text =
      fine ? (hardware_.simulated ? "simulated" : "working")
           : words_of_faults(outputs.hardware_faults, outputs.faulty_actuators, names_.joints);
  diagnostics_.set("actuators", fine ? Diagnostics::kOk : Diagnostics::kError, text,
                   {{"torque", outputs.command.torque ? "on" : "off"},
                    {"refused joint trajectories", std::to_string(trajectories_.refused())}});
}

}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#include "care_control/control_node.hpp"

#include <care_rcl/error.hpp>
#include <care_rcl/qos.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <thread>
#include <utility>

namespace care_control {
namespace {

using care_rcl::steady_ns;
using std::chrono::milliseconds;
namespace qos = care_rcl::qos;

constexpr double kLoopHangs = 0.5;       // [s] without a cycle
constexpr std::size_t kStopsKept = 100;  // anyone may stop, and at the same moment

Peers peers_of(const care_rcl::Node & node, const care_rcl::Parameters & parameters) {
  std::vector<std::string> names;
  for (const auto & name : parameters.texts("required_heartbeats")) {
    const std::string space = node.name_space() == "/" ? "" : node.name_space();
    names.push_back(name.front() == '/' ? name : space + "/" + name);
  }
  if (names.size() > kMaxPeers) {
    throw care_rcl::ConfigurationError("Too many required_heartbeats.",
                                       "Name at most " + std::to_string(kMaxPeers) + ".");
  }
  return Peers(std::move(names));
}

bool is_open(const care_msgs::msg::DrawerState & drawer) {
  using Drawer = care_msgs::msg::DrawerState;
  return drawer.state == Drawer::OPEN || (drawer.state == Drawer::FORCED && !drawer.reed_closed);
}

Mode mode_of(const std::string & name) {
  return name == "teleop" ? Mode::kTeleop : name == "none" ? Mode::kNone : Mode::kAutonomous;
}

LoopSettings loop_settings(const care_rcl::Parameters & parameters) {
  LoopSettings settings;
  settings.period_ns = 1'000'000'000 / parameters.value<std::int64_t>("rate");
  settings.hardware_budget_ns = settings.period_ns / 3;
  settings.battery_charge = parameters.number("battery_charge");
  settings.battery_capacity = parameters.number("battery_capacity");
  return settings;
}

Settings core_settings(const care_rcl::Parameters & parameters, const Peers & peers) {
  Settings settings = settings_of(parameters);
  take_robot(parameters, settings);
  settings.peer_count = static_cast<std::uint32_t>(peers.names().size());
  return settings;
}

std::vector<std::string> wheel_joints_of(const care_rcl::Parameters & parameters) {
  auto names = parameters.texts("wheel_joints");
  if (names.size() != 2) {
    throw care_rcl::ConfigurationError("wheel_joints must name two joints.",
                                       "Give the left and the right wheel's.");
  }
  return names;
}

}  // namespace

ControlNode::ControlNode(care_rcl::Context & context, care_rcl::WaitLoop & loop,
                         Degradations degradations)
    : node_(context, "control"),
      parameters_(node_, loop, declared_parameters()),
      lifecycle_(node_, loop,
                 {[this] { return set_lifecycle(true, false), true; },
                  [this] { return set_lifecycle(true, true), true; },
                  [this] { return set_lifecycle(true, false), true; },
                  [this] { return set_lifecycle(false, false), true; },
                  [this] { return set_lifecycle(false, false), true; },
                  [this] { return set_lifecycle(false, false), true; }}),
      heartbeat_(node_, loop, [this] { return pulse(); }),
      diagnostics_(node_, loop, [this] { refresh_diagnostics(); }),
      degradations_(std::move(degradations)),
      peers_(peers_of(node_, parameters_)),
      autonomous_(parameters_.texts("command_frames"), parameters_.number("command_timeout")),
      teleop_(parameters_.texts("command_frames"), parameters_.number("command_timeout")),
      names_(names_of(parameters_)),
      surroundings_(intake_of(parameters_)),
      trajectories_(names_.joints),
      wheel_joints_(wheel_joints_of(parameters_)),
      frames_{parameters_.text("frame_prefix") + "odom",
              parameters_.text("frame_prefix") + "base_footprint"},
      hardware_(hardware_of(parameters_, core_settings(parameters_, peers_))),
      loop_(core_settings(parameters_, peers_), loop_settings(parameters_), *hardware_.actuators),
      applied_out_(node_, "cmd_vel_applied", qos::periodic()),
      odometry_out_(node_, "odom", qos::periodic()),
      joints_out_(node_, "joint_states", qos::periodic()),
      safety_out_(node_, "safety_state", qos::latched()),
      battery_out_(node_, "battery_state", qos::sensor()) {
  if (parameters_.flag("publish_tf")) {
    tf_out_ = std::make_unique<care_rcl::Publisher<tf2_msgs::msg::TFMessage>>(node_, "tf",
                                                                              qos::transform());
    tf_.transforms.resize(1);
  }
  inputs_.mode = mode_of(parameters_.text("initial_mode"));
  parameters_.changed = [this] { take_parameters(); };
  safety_.boot_id = heartbeat_.boot_id();
  safety_.origin.value =
      hardware_.simulated ? care_msgs::msg::Origin::SIMULATED : care_msgs::msg::Origin::LIVE;
  inputs_.surroundings = surroundings_.surroundings();
  if (!hardware_.trouble.empty()) {
    node_.log().error("The actuators are not there yet, it is tried again: " + hardware_.trouble);
  }
  take_parameters();
  loop.failed = [this](const std::exception & error) { take_failure(error); };
  make_subscriptions(loop);
  make_sensor_subscriptions(loop);
  make_services(loop);
  loop_.start({static_cast<int>(parameters_.value<std::int64_t>("control_priority")),
               static_cast<int>(parameters_.value<std::int64_t>("control_processor"))},
              degradations_);
  cycle_moved_ns_ = steady_ns();
  make_timers(loop);
  for (const auto & text : degradations_) {
    node_.log().warn("Real-time work is degraded: " + text +
                     ". The README of care_control says how to allow it.");
  }
  lifecycle_.change("configure");
}

void ControlNode::make_subscriptions(care_rcl::WaitLoop & loop) {
  const auto add = [&](auto example, const std::string & topic, const rmw_qos_profile_t & profile,
                       auto callback) {
    subscribe<decltype(example)>(loop, topic, profile, std::move(callback));
  };
  add(care_msgs::msg::Stop{}, "stop", qos::latched(kStopsKept),
      [this](const auto & m) { take_stop(m); });
  add(care_msgs::msg::EstopSense{}, "estop_sense", qos::latched(),
      [this](const auto & m) { take_estop(m); });
  add(care_msgs::msg::DrawersState{}, "drawers/state", qos::latched(),
      [this](const auto & m) { take_drawers(m); });
  add(Twist{}, "cmd_vel", qos::command(),
      [this](const Twist & m) { take_command(autonomous_, inputs_.autonomous, "cmd_vel", m); });
  add(Twist{}, "cmd_vel_teleop", qos::command(),
      [this](const Twist & m) { take_command(teleop_, inputs_.teleop, "cmd_vel_teleop", m); });
  for (const auto & topic : parameters_.texts("heartbeat_topics")) {
    add(care_msgs::msg::Heartbeat{}, topic, qos::periodic(),
        [this](const auto & m) { take_heartbeat(m); });
  }
}

void ControlNode::make_services(care_rcl::WaitLoop & loop) {
  entities_.push_back(std::make_unique<care_rcl::Service<care_msgs::srv::Reset>>(
      node_, "control/reset", [this](const auto & q, auto & a) { reset(q, a); }));
  loop.add(*entities_.back());
  entities_.push_back(std::make_unique<care_rcl::Service<care_msgs::srv::SetMode>>(
      node_, "control/set_mode", [this](const auto & q, auto & a) { set_mode(q, a); }));
  loop.add(*entities_.back());
  entities_.push_back(std::make_unique<care_rcl::Service<std_srvs::srv::Trigger>>(
      node_, "control/home_joints", [this](const auto & q, auto & a) { home_joints(q, a); }));
  loop.add(*entities_.back());
}

void ControlNode::make_timers(care_rcl::WaitLoop & loop) {
  const auto every = [&](milliseconds period, std::function<void()> callback) {
    entities_.push_back(std::make_unique<care_rcl::Timer>(node_, period, std::move(callback)));
    loop.add(*entities_.back());
  };
  every(milliseconds(10), [this] { poll(); });
  every(milliseconds(20), [this] { publish_motion(); });
  every(milliseconds(200), [this] { publish_safety(loop_.outputs()); });
  every(milliseconds(1000), [this] { publish_battery(); });
}

void ControlNode::take_command(CommandIntake & intake, Command & newest, const char * topic,
                               const Twist & message) {
  const auto & twist = message.twist;
  const RawCommand raw{{twist.linear.x, twist.linear.y, twist.linear.z},
                       {twist.angular.x, twist.angular.y, twist.angular.z},
                       message.header.frame_id,
                       care_rcl::to_nanoseconds(message.header.stamp)};
  const Refusal refusal = intake.take(raw, node_.now_ns(), steady_ns());
  if (refusal == Refusal::kNone) {
    newest = intake.newest();
    write_inputs();
    return;
  }
  const std::uint64_t count = intake.refused(refusal);
  if (count <= 3 || count % 100 == 0) {
    node_.log().warn(std::string("Refused a command on ") + topic + ": " + name_of(refusal) + " (" +
                     std::to_string(count) + " so far)");
  }
}

void ControlNode::take_stop(const care_msgs::msg::Stop & message) {
  stop_cycle_ = loop_.outputs().cycle;
  stops_.take(message.source, message.engaged, message.user, message.reason);
  stop_heard_ns_ = steady_ns();
  inputs_.stop_count = stops_.count();
  inputs_.stops_held = static_cast<std::uint32_t>(stops_.holding().size());
  write_inputs();
}

void ControlNode::take_estop(const care_msgs::msg::EstopSense & message) {
  const bool pressed = message.engaged && message.readable;
  if (pressed && !(inputs_.estop.engaged && inputs_.estop.readable)) {
    stop_cycle_ = loop_.outputs().cycle;
  }
  inputs_.estop = {message.engaged, message.readable, steady_ns()};
  inputs_.estop_count += pressed ? 1U : 0U;
  write_inputs();
}

void ControlNode::take_drawers(const care_msgs::msg::DrawersState & message) {
  drawers_heard_ns_ = steady_ns();
  inputs_.drawer_open = std::any_of(message.drawers.begin(), message.drawers.end(), is_open);
  write_inputs();
}

void ControlNode::take_heartbeat(const care_msgs::msg::Heartbeat & message) {
  peers_.beat(message.node, message.boot_id, message.turns, steady_ns());
  for (std::size_t i = 0; i < peers_.names().size(); ++i) {
    inputs_.peer_moved_ns[i] = peers_.moved_ns(i);
  }
}

void ControlNode::reset(const care_msgs::srv::Reset::Request & request,
                        care_msgs::srv::Reset::Response & response) {
  if (request.user.empty()) {
    response.still_blocking.push_back("A reset needs the name of the person who asks for it");
    return;
  }
  ++inputs_.reset_count;
  write_inputs();
  Outputs outputs;
  if (!wait_for_reset(outputs)) {
    response.still_blocking.push_back("The control thread does not answer");
    return;
  }
  response.accepted = outputs.reset_blocking == 0;
  if (!response.accepted) {
    response.still_blocking = reasons(outputs, outputs.reset_blocking);
  }
  node_.log().info("Reset by " + request.user + " (" + request.reason + ") " +
                   (response.accepted ? "accepted" : "refused: " + response.still_blocking[0]));
}

bool ControlNode::wait_for_reset(Outputs & outputs) {
  // The thread answers within its next cycle; the wait is bounded, for it keeps this loop.
  for (int i = 0; i < 100; ++i) {
    std::this_thread::sleep_for(milliseconds(1));
    outputs = loop_.outputs();
    if (outputs.reset_count == inputs_.reset_count) {
      return true;
    }
  }
  return false;
}

void ControlNode::set_mode(const care_msgs::srv::SetMode::Request & request,
                           care_msgs::srv::SetMode::Response & response) {
  if (request.mode > care_msgs::srv::SetMode::Request::TELEOP) {
    response.code = "unknown_mode";
    response.text = "There is no mode " + std::to_string(request.mode) + ".";
    return;
  }
  inputs_.mode = static_cast<Mode>(request.mode);
  write_inputs();
  response.accepted = true;
  response.code = "ok";
  node_.log().info("Mode " + std::to_string(request.mode) + " chosen by " + request.user);
}

void ControlNode::set_lifecycle(bool configured, bool active) {
  inputs_.configured = configured;
  inputs_.active = active;
  write_inputs();
}

void ControlNode::take_parameters() {
  inputs_.settings = core_settings(parameters_, peers_);
  write_inputs();
}

void ControlNode::write_inputs() {
  inputs_.written_ns = steady_ns();
  loop_.write(inputs_);
}

void ControlNode::poll() {
  write_inputs();
  const Outputs outputs = loop_.outputs();
  if (outputs.cycle != last_cycle_) {
    last_cycle_ = outputs.cycle;
    cycle_moved_ns_ = steady_ns();
  }
  Transition transition{};
  while (loop_.next_transition(transition)) {
    if (transition.to == State::kStopped || transition.to == State::kEstop) {
      slowest_stop_ = std::max(slowest_stop_, transition.cycle - stop_cycle_);
    }
    if (may_move(transition.from) && may_move(transition.to)) {
      continue;  // driving and standing is no news
    }
    log(transition, outputs);
  }
  if (outputs.state != shown_state_ || reasons(outputs, outputs.causes) != shown_reasons_) {
    publish_safety(outputs);
  }
}

void ControlNode::log(const Transition & transition, const Outputs & outputs) const {
  const auto why = reasons(outputs, transition.causes);
  const std::string text = std::string(name_of(transition.from)) + " -> " + name_of(transition.to);
  if (may_move(transition.to) || transition.to <= State::kInactive) {
    node_.log().info(text);
  } else {
    node_.log().warn(text + (why.empty() ? "" : ": " + why.front()));
  }
}

void ControlNode::publish_motion() {
  const Outputs outputs = loop_.outputs();
  const auto stamp = node_.stamp();
  fill(outputs, frames_, applied_);
  applied_.header.stamp = stamp;
  applied_out_.publish(applied_);
  fill(outputs, frames_, odometry_);
  odometry_.header.stamp = stamp;
  odometry_out_.publish(odometry_);
  fill(outputs, wheel_joints_, names_.joints, joints_);
  joints_.header.stamp = stamp;
  joints_out_.publish(joints_);
  if (tf_out_) {
    fill(outputs, frames_, tf_.transforms[0]);
    tf_.transforms[0].header.stamp = stamp;
    tf_out_->publish(tf_);
  }
}

double ControlNode::age_s(std::int64_t seen_ns) const {
  return seen_ns == kNever ? std::numeric_limits<double>::infinity()
                           : static_cast<double>(steady_ns() - seen_ns) * 1e-9;
}

std::vector<std::string> ControlNode::reasons(const Outputs & outputs, std::uint32_t causes) const {
  return reasons_of(outputs, causes, peers_, stops_, inputs_.settings, names_);
}

void ControlNode::watch(const std::string & name, std::int64_t seen_ns, bool ok) {
  auto & input = safety_.watched.emplace_back();
  input.name = name;
  const double age = age_s(seen_ns);
  input.age = static_cast<float>(age);
  input.ok = ok;
  if (std::isfinite(age)) {
    input.stamp = care_rcl::to_stamp(node_.now_ns() - static_cast<std::int64_t>(age * 1e9));
  }
}

void ControlNode::publish_safety(const Outputs & outputs) {
  shown_state_ = outputs.state;
  shown_reasons_ = reasons(outputs, outputs.causes);
  safety_.header.stamp = node_.stamp();
  safety_.state = static_cast<std::uint8_t>(outputs.state);
  safety_.reasons = shown_reasons_;
  safety_.allowed_linear = static_cast<float>(outputs.allowed.linear);
  safety_.allowed_angular = static_cast<float>(outputs.allowed.angular);
  safety_.watched.clear();
  for (std::size_t i = 0; i < peers_.names().size(); ++i) {
    watch("heartbeat " + peers_.names()[i], peers_.moved_ns(i),
          (outputs.silent_peers >> i & 1U) == 0);
  }
  constexpr std::uint32_t kLine = kEstopEngaged | kEstopUnreadable | kEstopSilent | kEstopUnheard;
  watch("estop_sense", inputs_.estop.received_ns, (outputs.causes & kLine) == 0);
  watch("drawers/state", drawers_heard_ns_, !inputs_.drawer_open);
  watch("stop", stop_heard_ns_, inputs_.stops_held == 0);
  // No command is no trouble: these two are shown for their age.
  watch("cmd_vel", inputs_.autonomous.received_ns, true);
  watch("cmd_vel_teleop", inputs_.teleop.received_ns, true);
  watch("control thread", cycle_moved_ns_, age_s(cycle_moved_ns_) <= kLoopHangs);
  safety_out_.publish(safety_);
}

void ControlNode::publish_battery() {
  fill(loop_.battery(), battery_);
  battery_.header.stamp = node_.stamp();
  battery_out_.publish(battery_);
}

care_rcl::Heartbeat::Pulse ControlNode::pulse() {
  const Outputs outputs = loop_.outputs();
  care_rcl::Heartbeat::Pulse pulse;
  pulse.state = lifecycle_.state();
  pulse.turns = outputs.cycle;
  pulse.ages["cmd_vel"] = age_s(inputs_.autonomous.received_ns);
  pulse.ages["cmd_vel_teleop"] = age_s(inputs_.teleop.received_ns);
  pulse.ages["estop_sense"] = age_s(inputs_.estop.received_ns);
  pulse.ages["stop"] = age_s(stop_heard_ns_);
  for (std::size_t i = 0; i < peers_.names().size(); ++i) {
    pulse.ages["heartbeat " + peers_.names()[i]] = age_s(peers_.moved_ns(i));
  }
  if (age_s(cycle_moved_ns_) > kLoopHangs) {
    pulse.fault = "The control thread stands still";
  }
  return pulse;
}

void ControlNode::shut_down() {
  if (!running_) {
    return;
  }
  set_lifecycle(true, false);
  for (int i = 0; i < 200 && !loop_.outputs().at_rest; ++i) {
    write_inputs();
    std::this_thread::sleep_for(milliseconds(10));
  }
  loop_.stop();
  running_ = false;
}

}  // namespace care_control

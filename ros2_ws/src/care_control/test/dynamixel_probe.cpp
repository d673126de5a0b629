// SPDX-License-Identifier: Apache-2.0
// The control loop on a bus of servos, without ROS: lines in, JSON lines out, for tests.
//   dynamixel_probe PORT
//   drive LINEAR ANGULAR | joint INDEX POSITION | reset | state | quit
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <exception>
#include <iostream>
#include <sstream>
#include <string>

#include "care_control/control_loop.hpp"
#include "care_control/dynamixel/dynamixel_hardware.hpp"
#include "care_control/fault_words.hpp"

namespace care_control {
namespace {

std::int64_t now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

dynamixel::BusConfig bus_config(const std::string & port) {
  using dynamixel::ServoMode;
  dynamixel::BusConfig config;
  config.port = port;
  // A simulated bus on a busy machine answers late now and then.
  config.answer_timeout = 0.05;
  config.silence = 0.25;
  config.watchdog = 0.4;
  config.servos = {{11, ServoMode::kVelocity, 1.0, 0},
                   {12, ServoMode::kVelocity, -1.0, 0},
                   {13, ServoMode::kExtendedPosition, 0.02, 2048},
                   {14, ServoMode::kPosition, 1.0, 2048}};
  return config;
}

Settings settings() {
  Settings settings;
  settings.estop_required = false;
  settings.middleware_silence = 5.0;
  settings.speed.wheel_radius = 0.1;
  settings.joints.count = 2;
  settings.joints.joint[0] = {0.0, 0.4, 0.08, 0.2, 1.0, 0.1, 2.0, 0.0};
  settings.joints.joint[1] = {-1.5, 1.5, 1.0, 3.0, 20.0, 0.5, 2.0, 0.0};
  return settings;
}

class Probe {
 public:
  explicit Probe(const std::string & port)
      : hardware_(bus_config(port)), loop_(settings(), {}, hardware_) {
    inputs_.settings = settings();
    inputs_.configured = inputs_.active = true;
    inputs_.mode = Mode::kAutonomous;
    trouble_ = hardware_.open();
    tell();
    Degradations ignored;
    loop_.start({10}, ignored);
  }

  /// Take lines until the end or `quit`.
  void run() {
    std::string buffer;
    while (true) {
      pollfd input{STDIN_FILENO, POLLIN, 0};
      ::poll(&input, 1, 10);
      if ((input.revents & (POLLIN | POLLHUP)) != 0) {
        char bytes[256];
        const ssize_t count = ::read(STDIN_FILENO, bytes, sizeof(bytes));
        if (count <= 0) {
          return;
        }
        buffer.append(bytes, static_cast<std::size_t>(count));
      }
      for (std::size_t end = 0; (end = buffer.find('\n')) != std::string::npos;) {
        if (!obey(buffer.substr(0, end))) {
          return;
        }
        buffer.erase(0, end + 1);
      }
      tell();
    }
  }

 private:
  void tell() {
    inputs_.written_ns = now();
    inputs_.autonomous = {wanted_, inputs_.written_ns};
    loop_.write(inputs_);
  }

  bool obey(const std::string & line) {
    std::istringstream words(line);
    std::string verb;
    words >> verb;
    if (verb == "drive") {
      words >> wanted_.linear >> wanted_.angular;
    } else if (verb == "joint") {
      std::size_t joint = 0;
      words >> joint;
      auto & trajectory = inputs_.trajectory;
      ++trajectory.count;
      trajectory.received_ns = now();
      trajectory.joints = 1U << joint;
      trajectory.points = 1;
      words >> trajectory.point[0].position[joint];
    } else if (verb == "reset") {
      ++inputs_.reset_count;
    } else if (verb == "state") {
      print();
    }
    return verb != "quit";
  }

  void print() {
    const Outputs out = loop_.outputs();
    const LoopReport report = loop_.report();
    const auto text = words_of_faults(out.hardware_faults, out.faulty_actuators, {"lift", "pan"});
    std::printf(
        "{\"state\": \"%s\", \"causes\": %u, \"faults\": %u, \"actuators\": %u, "
        "\"words\": \"%s\", \"trouble\": \"%s\", \"torque\": %s, \"left\": %.6f, \"right\": %.6f, "
        "\"x\": %.6f, \"speed\": %.6f, \"at_rest\": %s, \"resets\": %llu, \"blocking\": %u, "
        "\"cycles\": %llu, \"missed\": %llu, \"over_budget\": %llu, \"hardware_p50_us\": %.1f, "
        "\"hardware_p99_us\": %.1f, \"page_faults\": %llu, \"joints\": [%.6f, %.6f]}\n",
        name_of(out.state), out.causes, out.hardware_faults, out.faulty_actuators, text.c_str(),
        trouble_.c_str(), out.command.torque ? "true" : "false", out.wheels.left_angle,
        out.wheels.right_angle, out.pose.x, out.measured.linear, out.at_rest ? "true" : "false",
        static_cast<unsigned long long>(out.reset_count), out.reset_blocking,
        static_cast<unsigned long long>(report.cycles),
        static_cast<unsigned long long>(report.missed),
        static_cast<unsigned long long>(report.over_budget),
        static_cast<double>(report.hardware.p50) * 1e-3,
        static_cast<double>(report.hardware.p99) * 1e-3,
        static_cast<unsigned long long>(report.page_faults), out.joints.measured[0].position,
        out.joints.measured[1].position);
    std::fflush(stdout);
  }

  dynamixel::DynamixelHardware hardware_;
  ControlLoop loop_;
  Inputs inputs_;
  Velocity wanted_;
  std::string trouble_;
};

}  // namespace
}  // namespace care_control

int main(int argc, char ** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s PORT\n", argv[0]);
    return 2;
  }
  try {
    care_control::Probe(argv[1]).run();
  } catch (const std::exception & error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}

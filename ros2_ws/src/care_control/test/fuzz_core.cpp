// SPDX-License-Identifier: Apache-2.0
// Feeds bytes as inputs into the core: whatever they are, it stays within its limits and nothing
// speeds up while it is stopped. With -fsanitize=fuzzer libFuzzer brings the bytes; without, our
// own main makes them up from a seed: fuzz_core [SECONDS [SEED]]; NIGHTINGALE_LONG=1 takes a
// minute.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "care_control/core.hpp"

namespace care_control {
namespace {

constexpr double kDt = 0.001;
constexpr std::int64_t kMs = 1'000'000;
constexpr double kSlack = 1e-6;

/// Reads values from bytes; zeros at their end.
class Bytes {
 public:
  Bytes(const std::uint8_t * data, std::size_t size) : data_(data), size_(size) {}

  bool empty() const { return at_ >= size_; }
  template <typename T>
  T take() {
    T value{};
    const std::size_t length = std::min(sizeof(T), size_ - std::min(at_, size_));
    std::memcpy(&value, data_ + std::min(at_, size_), length);
    at_ += sizeof(T);
    return value;
  }
  bool flag() { return take<std::uint8_t>() % 2 != 0; }
  /// Any bit pattern, or something that could be meant.
  double number() {
    const auto kind = take<std::uint8_t>();
    return kind % 4 == 0 ? take<double>() : static_cast<double>(take<std::int16_t>()) * 1e-3;
  }
  /// A steady time: never, about now, or anything.
  std::int64_t time(std::int64_t now) {
    switch (take<std::uint8_t>() % 4) {
      case 0:
        return kNever;
      case 1:
        return take<std::int64_t>() / 4;  // differences of times must not overflow
      default:
        return now - take<std::uint16_t>() % 600 * kMs;
    }
  }

 private:
  const std::uint8_t * data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

void disturb_people(Bytes & bytes, Inputs & in) {
  switch (bytes.take<std::uint8_t>() % 7) {
    case 0:
      in.stop_count += bytes.take<std::uint8_t>() % 2;
      in.stops_held = bytes.take<std::uint8_t>() % 3;
      break;
    case 1:
      ++in.reset_count;
      break;
    case 2:
      in.estop = {bytes.flag(), bytes.flag(), bytes.time(in.now_ns)};
      break;
    case 3:
      in.mode = static_cast<Mode>(bytes.take<std::uint8_t>() % 3);
      break;
    case 4:
      in.configured = bytes.take<std::uint8_t>() % 8 != 0;
      in.active = bytes.take<std::uint8_t>() % 8 != 0;
      break;
    case 5:
      in.drawer_open = bytes.flag();
      break;
    default:
      in.peer_moved_ns[bytes.take<std::uint8_t>() % kMaxPeers] = bytes.time(in.now_ns);
  }
}

void disturb_sensors(Bytes & bytes, Inputs & in) {
  Surroundings & seen = in.surroundings;
  switch (bytes.take<std::uint8_t>() % 5) {
    case 0:
      seen.scan.valid = bytes.flag();
      seen.scan.received_ns = bytes.time(in.now_ns);
      seen.scan.distance[bytes.take<std::uint8_t>() % kSectors] =
          static_cast<float>(bytes.number());
      break;
    case 1:
      seen.range_count = bytes.take<std::uint8_t>() % std::uint32_t{kMaxRanges + 1};
      seen.ranges[bytes.take<std::uint8_t>() % kMaxRanges] = {
          bytes.number(), bytes.number(), bytes.number(), bytes.time(in.now_ns)};
      break;
    case 2:
      seen.gyro = {bytes.number(), bytes.time(in.now_ns)};
      break;
    case 3:
      in.hardware.wheels = {bytes.number(), bytes.number(), bytes.number(), bytes.number(),
                            bytes.take<std::uint8_t>() % 4 != 0};
      break;
    default:
      in.hardware.faults = bytes.flag() ? 0 : bytes.take<std::uint32_t>();
      in.hardware.joints[bytes.take<std::uint8_t>() % kMaxJoints] = {bytes.number(), bytes.number(),
                                                                     bytes.flag()};
  }
}

void disturb_commands(Bytes & bytes, Inputs & in) {
  switch (bytes.take<std::uint8_t>() % 4) {
    case 0:
      in.trajectory.count += 1;
      in.trajectory.received_ns = bytes.time(in.now_ns);
      in.trajectory.joints = bytes.take<std::uint32_t>();
      in.trajectory.points = bytes.take<std::uint8_t>() % std::uint32_t{kMaxPoints + 1};
      for (auto & position : in.trajectory.point[0].position) {
        position = bytes.number();
      }
      break;
    case 1:
      ++in.home_count;
      break;
    default: {
      Command & command = bytes.flag() ? in.autonomous : in.teleop;
      command.velocity = {bytes.number(), bytes.number()};
      command.received_ns = bytes.time(in.now_ns);
    }
  }
}

void disturb(Bytes & bytes, Inputs & in) {
  switch (bytes.take<std::uint8_t>() % 4) {
    case 0:
      return disturb_people(bytes, in);
    case 1:
      return disturb_sensors(bytes, in);
    default:
      return disturb_commands(bytes, in);
  }
}

[[noreturn]] void broken(const char * rule, const Outputs & out) {
  std::fprintf(stderr, "broken: %s, cycle %llu, state %s, v %g, w %g\n", rule,
               static_cast<unsigned long long>(out.cycle), name_of(out.state), out.applied.linear,
               out.applied.angular);
  std::abort();
}

void check(bool holds, const char * rule, const Outputs & out) {
  if (!holds) {
    broken(rule, out);
  }
}

void check(const Outputs & out, const Outputs & last, const Settings & settings) {
  const double v = out.applied.linear;
  const double w = out.applied.angular;
  check(std::isfinite(v) && std::isfinite(w), "speeds are finite", out);
  check(v <= settings.speed.linear + kSlack && v >= -settings.speed.reverse - kSlack,
        "linear speed is limited", out);
  check(std::abs(w) <= settings.speed.angular + kSlack, "turning speed is limited", out);
  const bool held = is_latched(out.state) || out.state == State::kProtectiveStop;
  if (held) {
    check(std::abs(v) <= std::abs(last.applied.linear) + kSlack, "a stop does not speed up", out);
    check(std::abs(w) <= std::abs(last.applied.angular) + kSlack, "a stop does not turn faster",
          out);
  }
  if (is_latched(last.state) && !is_latched(out.state)) {
    check(v == 0.0 && w == 0.0, "a reset moves nothing", out);
  }
  for (std::size_t i = 0; i < kMaxJoints; ++i) {
    const double position = out.command.joint_position[i];
    check(std::isfinite(position), "joint positions are finite", out);
  }
}

void ready(Inputs & in) {
  in.configured = in.active = true;
  in.mode = Mode::kAutonomous;
  in.settings.estop_required = true;
  in.settings.peer_count = 1;
  in.settings.joints.count = 2;
  in.settings.joints.joint[0] = {0.0, 0.45, 0.08, 0.2, 1.0, 0.05, 0.5, 0.02};
  in.settings.joints.joint[1] = {-2.6, 2.6, 1.5, 3.0, 20.0, 0.1, 0.5, 0.0};
  in.estop = {false, true, 0};
}

void run(Bytes bytes) {
  Inputs in;
  ready(in);
  Core core(in.settings);
  Outputs last;
  while (!bytes.empty()) {
    disturb(bytes, in);
    const int cycles = 1 + bytes.take<std::uint8_t>() % 32;
    const bool alive = bytes.take<std::uint8_t>() % 4 != 0;
    for (int i = 0; i < cycles; ++i) {
      in.now_ns += kMs;
      if (alive) {  // what usually comes every cycle
        in.written_ns = in.estop.received_ns = in.peer_moved_ns[0] = in.now_ns;
        in.hardware.wheels.left_angle += last.command.left_speed * kDt;
        in.hardware.wheels.right_angle += last.command.right_speed * kDt;
        in.hardware.wheels.left_speed = last.command.left_speed;
        in.hardware.wheels.right_speed = last.command.right_speed;
      }
      const Outputs out = core.step(kDt, in);
      check(out, last, in.settings);
      last = out;
    }
  }
}

}  // namespace
}  // namespace care_control

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t * data, std::size_t size) {
  care_control::run({data, size});
  return 0;
}

#ifndef CARE_LIBFUZZER
int main(int argc, char ** argv) {
  const double usual = std::getenv("NIGHTINGALE_LONG") != nullptr ? 60.0 : 4.0;
  const double seconds = argc > 1 ? std::atof(argv[1]) : usual;
  std::mt19937_64 random(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1);
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  std::vector<std::uint8_t> bytes;
  std::size_t runs = 0;
  for (; std::chrono::steady_clock::now() < end; ++runs) {
    bytes.resize(random() % 4096);
    for (auto & byte : bytes) {
      byte = static_cast<std::uint8_t>(random());
    }
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  }
  std::printf("%zu runs without a finding\n", runs);
  return 0;
}
#endif

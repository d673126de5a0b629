// SPDX-License-Identifier: Apache-2.0
#include "care_control/control_loop.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <ctime>

namespace care_control {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

std::int64_t now() noexcept {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * kSecond + time.tv_nsec;
}

void sleep_until(std::int64_t when) noexcept {
  const timespec time{when / kSecond, when % kSecond};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr) != 0) {
  }
}

Spread spread_of(const Histogram & histogram) noexcept {
  return {histogram.quantile(0.5), histogram.quantile(0.99), histogram.quantile(0.999),
          histogram.maximum()};
}

}  // namespace

ControlLoop::ControlLoop(const Settings & settings, const LoopSettings & loop,
                         HardwareInterface & hardware)
    : period_ns_(loop.period_ns),
      core_(settings),
      hardware_(hardware),
      budget_(loop.hardware_budget_ns),
      battery_(loop.battery_charge, loop.battery_capacity) {
  Inputs first;
  first.settings = settings;
  inputs_.write(first);
}

ControlLoop::~ControlLoop() {
  stop();
}

void ControlLoop::start(const ThreadPlace & place, Degradations & degradations) {
  thread_ = start_thread("control", place, &ControlLoop::enter, this, degradations);
  started_ = true;
}

void ControlLoop::stop() {
  if (started_) {
    stopping_ = true;
    pthread_join(thread_, nullptr);
    started_ = false;
  }
}

void * ControlLoop::enter(void * self) {
  static_cast<ControlLoop *>(self)->run();
  return nullptr;
}

void ControlLoop::run() noexcept {
  std::int64_t deadline = now() + period_ns_;
  std::int64_t last = deadline - period_ns_;
  std::int64_t next_report = deadline + kSecond;
  while (!stopping_.load(std::memory_order_relaxed)) {
    sleep_until(deadline);
    const std::int64_t woken = now();
    cycle(woken, static_cast<double>(deadline - last) * 1e-9);
    const std::int64_t done = now();
    late_.add(woken - deadline);
    late_total_.add(woken - deadline);
    work_.add(done - woken);
    work_total_.add(done - woken);
    ++report_.cycles;
    last = deadline;
    deadline += period_ns_;
    if (done > deadline) {  // too late for whole periods: leave them out, keep the phase
      const std::int64_t skipped = (done - deadline) / period_ns_ + 1;
      report_.missed += static_cast<std::uint64_t>(skipped);
      deadline += skipped * period_ns_;
    }
    if (woken >= next_report) {
      next_report = woken + kSecond;
      publish_report();
    }
  }
}

void ControlLoop::cycle(std::int64_t now_ns, double dt) noexcept {
  Inputs in = inputs_.read();
  in.now_ns = now_ns;
  read(now_ns, dt, in);
  const Outputs out = core_.step(dt, in);
  write(now_ns, dt, out.command);
  battery_.step(out.measured.linear, dt);
  outputs_.write(out);
  if (out.state != out.previous) {
    transitions_.push({out.previous, out.state, out.causes, out.cycle});
  }
  const Command & command = in.mode == Mode::kTeleop ? in.teleop : in.autonomous;
  if (command.received_ns != command_ns_) {
    command_ns_ = command.received_ns;
    if (command.sent_ns != kNever) {  // as it is where the mode has no command yet
      command_time_.add(now() - command.sent_ns);
    }
  }
}

void ControlLoop::read(std::int64_t now_ns, double dt, Inputs & in) noexcept {
  const std::int64_t begin = now();
  if (in.reset_count != reset_count_) {
    reset_count_ = in.reset_count;
    hardware_.reset();
  }
  in.hardware = {};
  hardware_.read(now_ns, dt, in.hardware);
  hardware_.sense(in.surroundings);
  hardware_ns_ = now() - begin;
  in.hardware.faults |= budget_.exceeded() ? kOverBudget : 0U;
}

void ControlLoop::write(std::int64_t now_ns, double dt, const HardwareCommand & command) noexcept {
  const std::int64_t begin = now();
  hardware_.write(now_ns, dt, command);
  hardware_ns_ += now() - begin;
  hardware_time_.add(hardware_ns_);
  budget_.add(hardware_ns_);
}

void ControlLoop::publish_report() noexcept {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  report_.late = spread_of(late_);
  report_.work = spread_of(work_);
  report_.late_total = spread_of(late_total_);
  report_.work_total = spread_of(work_total_);
  report_.hardware = spread_of(hardware_time_);
  report_.command = spread_of(command_time_);
  report_.over_budget = budget_.over();
  report_.page_faults = static_cast<std::uint64_t>(usage.ru_minflt + usage.ru_majflt);
  report_.involuntary_switches = static_cast<std::uint64_t>(usage.ru_nivcsw);
  late_.clear();
  work_.clear();
  hardware_time_.clear();
  reports_.write(report_);
  batteries_.write(
      {battery_.charge(), battery_.voltage(), battery_.current(), battery_.capacity()});
}

}  // namespace care_control

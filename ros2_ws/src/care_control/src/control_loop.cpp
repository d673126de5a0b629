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

ControlLoop::ControlLoop(const Settings & settings, std::int64_t period_ns,
                         double wheel_time_constant, double battery_charge, double battery_capacity)
    : period_ns_(period_ns),
      core_(settings),
      base_(wheel_time_constant),
      battery_(battery_charge, battery_capacity) {
  Inputs first;
  first.settings = settings;
  inputs_.write(first);
}

ControlLoop::~ControlLoop() {
  stop();
}

void ControlLoop::start(int priority, Degradations & degradations) {
  thread_ = start_thread(priority, &ControlLoop::enter, this, degradations);
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
  in.hardware.wheels = base_.wheels();
  const Outputs out = core_.step(dt, in);
  base_.step(out.command.left_speed, out.command.right_speed, dt);
  battery_.step(out.measured.linear, dt);
  outputs_.write(out);
  if (out.state != out.previous) {
    transitions_.push({out.previous, out.state, out.causes});
  }
}

void ControlLoop::publish_report() noexcept {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  report_.late = spread_of(late_);
  report_.work = spread_of(work_);
  report_.late_total = spread_of(late_total_);
  report_.work_total = spread_of(work_total_);
  report_.page_faults = static_cast<std::uint64_t>(usage.ru_minflt + usage.ru_majflt);
  report_.involuntary_switches = static_cast<std::uint64_t>(usage.ru_nivcsw);
  late_.clear();
  work_.clear();
  reports_.write(report_);
  batteries_.write(
      {battery_.charge(), battery_.voltage(), battery_.current(), battery_.capacity()});
}

}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>

#include "care_control/core.hpp"
#include "care_control/histogram.hpp"
#include "care_control/mailbox.hpp"
#include "care_control/realtime.hpp"
#include "care_control/ring.hpp"
#include "care_control/simulated_base.hpp"

namespace care_control {

/// Durations of one kind [ns].
struct Spread {
  std::int64_t p50 = 0, p99 = 0, p999 = 0, maximum = 0;
};

/// What the loop says about itself, once a second.
struct LoopReport {
  std::uint64_t cycles = 0;
  std::uint64_t missed = 0;  ///< periods without a cycle
  Spread late;               ///< wake-up after the deadline, over the last second
  Spread work;               ///< time of a cycle, over the last second
  Spread late_total;         ///< since the start
  Spread work_total;         ///< since the start
  std::uint64_t page_faults = 0;
  std::uint64_t involuntary_switches = 0;
};

/// State of the simulated battery.
struct BatteryReport {
  double charge = 1.0;    ///< 0..1
  double voltage = 0.0;   ///< [V]
  double current = 0.0;   ///< [A]
  double capacity = 0.0;  ///< [W.h]
};

/// A change of state, for the log.
struct Transition {
  State from;
  State to;
  std::uint32_t causes;
};

/// The control thread: core and simulated base once a period, by absolute deadlines.
///
/// It never publishes, logs, locks, allocates or throws; all it exchanges goes through mailboxes.
class ControlLoop {
 public:
  /// @param period_ns  of a cycle; @param wheel_time_constant [s]; @param battery_charge  0..1;
  /// @param battery_capacity [W.h].
  ControlLoop(const Settings & settings, std::int64_t period_ns, double wheel_time_constant,
              double battery_charge, double battery_capacity);
  ~ControlLoop();
  ControlLoop(const ControlLoop &) = delete;
  ControlLoop & operator=(const ControlLoop &) = delete;

  /// Start the thread with SCHED_FIFO `priority` where allowed.
  void start(int priority, Degradations & degradations);
  /// End the thread after its present cycle.
  void stop();

  // The middleware thread's ends of the mailboxes.
  void write(const Inputs & inputs) { inputs_.write(inputs); }
  Outputs outputs() { return outputs_.read(); }
  LoopReport report() { return reports_.read(); }
  BatteryReport battery() { return batteries_.read(); }
  bool next_transition(Transition & transition) { return transitions_.pop(transition); }

 private:
  static void * enter(void * self);
  void run() noexcept;
  void cycle(std::int64_t now_ns, double dt) noexcept;
  void publish_report() noexcept;

  std::int64_t period_ns_;
  Core core_;
  SimulatedBase base_;
  SimulatedBattery battery_;
  Mailbox<Inputs> inputs_;
  Mailbox<Outputs> outputs_;
  Mailbox<LoopReport> reports_;
  Mailbox<BatteryReport> batteries_;
  Ring<Transition, 64> transitions_;
  Histogram late_, work_, late_total_, work_total_;
  LoopReport report_;
  std::atomic<bool> stopping_{false};
  bool started_ = false;
  pthread_t thread_{};
};

}  // namespace care_control

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
#include "care_control/simulated_battery.hpp"
#include "care_control/time_budget.hpp"

namespace care_control {

/// Durations of one kind [ns].
struct Spread {
  std::int64_t p50 = 0, p99 = 0, p999 = 0, maximum = 0;
};

/// What the loop says about itself, once a second.
struct LoopReport {
  std::uint64_t cycles = 0;
  std::uint64_t missed = 0;       ///< periods without a cycle
  Spread late;                    ///< wake-up after the deadline, over the last second
  Spread work;                    ///< time of a cycle, over the last second
  Spread late_total;              ///< since the start
  Spread work_total;              ///< since the start
  Spread hardware;                ///< reading and writing the actuators, over the last second
  Spread command;                 ///< stamp of a command to its output, since the start
  std::uint64_t over_budget = 0;  ///< cycles in which that took longer than its budget
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
  std::uint64_t cycle;
};

/// How the loop runs.
struct LoopSettings {
  std::int64_t period_ns = 1'000'000;         ///< of a cycle
  std::int64_t hardware_budget_ns = 300'000;  ///< of a cycle, for reading and writing actuators
  double battery_charge = 1.0;                ///< 0..1, of the simulated battery
  double battery_capacity = 500.0;            ///< [W.h]
};

/// The control thread: core and actuators once a period, by absolute deadlines.
///
/// It never publishes, logs, locks, allocates or throws; all it exchanges goes through mailboxes.
class ControlLoop {
 public:
  /// @param hardware  The actuators; they outlive the loop and are its own while it runs.
  ControlLoop(const Settings & settings, const LoopSettings & loop, HardwareInterface & hardware);
  ~ControlLoop();
  ControlLoop(const ControlLoop &) = delete;
  ControlLoop & operator=(const ControlLoop &) = delete;

  /// Start the thread, with SCHED_FIFO and on the processor of `place` where allowed.
  void start(const ThreadPlace & place, Degradations & degradations);
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
  void read(std::int64_t now_ns, double dt, Inputs & in) noexcept;
  void write(std::int64_t now_ns, double dt, const HardwareCommand & command) noexcept;
  void publish_report() noexcept;

  std::int64_t period_ns_;
  Core core_;
  HardwareInterface & hardware_;
  TimeBudget budget_;
  std::int64_t hardware_ns_ = 0;  // of this cycle
  std::uint64_t reset_count_ = 0;
  SimulatedBattery battery_;
  Mailbox<Inputs> inputs_;
  Mailbox<Outputs> outputs_;
  Mailbox<LoopReport> reports_;
  Mailbox<BatteryReport> batteries_;
  Ring<Transition, 64> transitions_;
  Histogram late_, work_, late_total_, work_total_, hardware_time_, command_time_;
  std::int64_t command_ns_ = kNever;  // receipt of the last command that was followed
  LoopReport report_;
  std::atomic<bool> stopping_{false};
  bool started_ = false;
  pthread_t thread_{};
};

}  // namespace care_control

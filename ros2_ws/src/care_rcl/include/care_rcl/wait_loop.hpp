// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rcl/wait.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <vector>

#include "care_rcl/guard_condition.hpp"

namespace care_rcl {

/// Waits for entities and executes them in one thread, in the order they were added.
class WaitLoop {
 public:
  explicit WaitLoop(Context & context);
  ~WaitLoop();
  WaitLoop(const WaitLoop &) = delete;
  WaitLoop & operator=(const WaitLoop &) = delete;

  /// Add an entity, which must outlive the loop. Only from the loop's own thread.
  void add(Waitable & entity);

  /// Called when an entity throws; the loop goes on, so that one bad message ends no node. When it
  /// is empty, what is thrown leaves the loop.
  std::function<void(const std::exception &)> failed;

  /// Wait until something is ready or the time is over; execute what is ready.
  void spin_once(std::chrono::nanoseconds timeout);

  /// Spin until `stop` was called.
  void spin();

  /// End `spin`. From any thread, but not from a signal handler.
  void stop();

 private:
  void resize();
  void execute(Waitable & entity);

  Context & context_;
  GuardCondition wake_;  // also keeps the set from being empty, which rcl_wait refuses
  std::vector<Waitable *> entities_;
  rcl_wait_set_t set_;
  bool resized_ = false;
  std::atomic<bool> stopping_{false};
};

}  // namespace care_rcl

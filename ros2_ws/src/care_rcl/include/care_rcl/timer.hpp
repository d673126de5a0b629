// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rcl/timer.h>

#include <chrono>
#include <functional>

#include "care_rcl/node.hpp"
#include "care_rcl/waitable.hpp"

namespace care_rcl {

/// Periodic timer on the steady clock.
class Timer : public Waitable {
 public:
  Timer(Node & node, std::chrono::nanoseconds period, std::function<void()> callback);
  ~Timer() override;

  void add_to(rcl_wait_set_t & set) override;
  bool ready(const rcl_wait_set_t & set) const override;
  void execute() override;

 private:
  rcl_timer_t timer_;
  std::function<void()> callback_;
};

}  // namespace care_rcl

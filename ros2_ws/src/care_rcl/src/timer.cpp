// SPDX-License-Identifier: Apache-2.0
#include "care_rcl/timer.hpp"

#include <rcl/error_handling.h>

#include "care_rcl/error.hpp"

namespace care_rcl {

Timer::Timer(Node & node, std::chrono::nanoseconds period, std::function<void()> callback)
    : Waitable(Kind::kTimer),
      timer_(rcl_get_zero_initialized_timer()),
      callback_(std::move(callback)) {
  check(rcl_timer_init2(&timer_, node.steady_clock(), node.context().handle(), period.count(),
                        nullptr, rcl_get_default_allocator(), true),
        "make a timer");
}

Timer::~Timer() {
  report(rcl_timer_fini(&timer_), "release a timer");
}

void Timer::add_to(rcl_wait_set_t & set) {
  check(rcl_wait_set_add_timer(&set, &timer_, &index_), "wait for a timer");
}

bool Timer::ready(const rcl_wait_set_t & set) const {
  return set.timers[index_] != nullptr;
}

void Timer::execute() {
  if (rcl_timer_call(&timer_) != RCL_RET_OK) {
    rcl_reset_error();
    return;
  }
  callback_();
}

}  // namespace care_rcl

// SPDX-License-Identifier: Apache-2.0
#include "care_rcl/wait_loop.hpp"

#include <rcl/error_handling.h>

#include <algorithm>

#include "care_rcl/error.hpp"

namespace care_rcl {

WaitLoop::WaitLoop(Context & context)
    : context_(context), wake_(context), set_(rcl_get_zero_initialized_wait_set()) {
  entities_.push_back(&wake_);
}

WaitLoop::~WaitLoop() {
  report(rcl_wait_set_fini(&set_), "release the wait set");
}

void WaitLoop::add(Waitable & entity) {
  entities_.push_back(&entity);
  resized_ = false;
}

void WaitLoop::resize() {
  const auto count = [this](Waitable::Kind kind) {
    return static_cast<std::size_t>(
        std::count_if(entities_.begin(), entities_.end(),
                      [kind](const Waitable * e) { return e->kind() == kind; }));
  };
  report(rcl_wait_set_fini(&set_), "release the wait set");
  set_ = rcl_get_zero_initialized_wait_set();
  check(rcl_wait_set_init(&set_, count(Waitable::Kind::kSubscription),
                          count(Waitable::Kind::kGuardCondition), count(Waitable::Kind::kTimer), 0,
                          count(Waitable::Kind::kService), 0, context_.handle(),
                          rcl_get_default_allocator()),
        "make the wait set");
  resized_ = true;
}

void WaitLoop::spin_once(std::chrono::nanoseconds timeout) {
  if (!resized_) {
    resize();
  }
  check(rcl_wait_set_clear(&set_), "clear the wait set");
  for (Waitable * entity : entities_) {
    entity->add_to(set_);
  }
  const rcl_ret_t waited = rcl_wait(&set_, timeout.count());
  if (waited == RCL_RET_TIMEOUT) {
    rcl_reset_error();
    return;
  }
  check(waited, "wait");
  // Executing may add entities, which are not in this set: go by index, up to the present count.
  const std::size_t count = entities_.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (entities_[i]->ready(set_)) {
      execute(*entities_[i]);
    }
  }
}

void WaitLoop::execute(Waitable & entity) {
  try {
    entity.execute();
  } catch (const std::exception & error) {
    if (!failed) {
      throw;
    }
    failed(error);
  }
}

void WaitLoop::spin() {
  while (!stopping_) {
    spin_once(std::chrono::milliseconds(200));
  }
}

void WaitLoop::stop() {
  stopping_ = true;
  wake_.trigger();
}

}  // namespace care_rcl

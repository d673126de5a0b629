// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rcl/guard_condition.h>

#include "care_rcl/context.hpp"
#include "care_rcl/waitable.hpp"

namespace care_rcl {

/// Wakes a WaitLoop from another thread. Takes locks: never from a signal handler or a real-time
/// thread.
class GuardCondition : public Waitable {
 public:
  explicit GuardCondition(Context & context);
  ~GuardCondition() override;

  void trigger();

  void add_to(rcl_wait_set_t & set) override;
  bool ready(const rcl_wait_set_t & set) const override;
  void execute() override {}

 private:
  rcl_guard_condition_t guard_;
};

}  // namespace care_rcl

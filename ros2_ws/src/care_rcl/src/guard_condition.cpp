// SPDX-License-Identifier: Apache-2.0
#include "care_rcl/guard_condition.hpp"

#include "care_rcl/error.hpp"

namespace care_rcl {

GuardCondition::GuardCondition(Context & context)
    : Waitable(Kind::kGuardCondition), guard_(rcl_get_zero_initialized_guard_condition()) {
  check(rcl_guard_condition_init(&guard_, context.handle(),
                                 rcl_guard_condition_get_default_options()),
        "make a guard condition");
}

GuardCondition::~GuardCondition() {
  report(rcl_guard_condition_fini(&guard_), "release a guard condition");
}

void GuardCondition::trigger() {
  check(rcl_trigger_guard_condition(&guard_), "wake the loop");
}

void GuardCondition::add_to(rcl_wait_set_t & set) {
  check(rcl_wait_set_add_guard_condition(&set, &guard_, &index_), "wait for a guard condition");
}

bool GuardCondition::ready(const rcl_wait_set_t & set) const {
  return set.guard_conditions[index_] != nullptr;
}

}  // namespace care_rcl

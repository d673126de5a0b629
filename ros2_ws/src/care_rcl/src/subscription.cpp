// SPDX-License-Identifier: Apache-2.0
#include "care_rcl/subscription.hpp"

#include <rcl/error_handling.h>

#include "care_rcl/error.hpp"

namespace care_rcl {

SubscriptionBase::SubscriptionBase(Node & node, const std::string & topic,
                                   const rmw_qos_profile_t & qos,
                                   const rosidl_message_type_support_t * type)
    : Waitable(Kind::kSubscription),
      node_(node),
      subscription_(rcl_get_zero_initialized_subscription()) {
  rcl_subscription_options_t options = rcl_subscription_get_default_options();
  options.qos = qos;
  const rcl_ret_t made =
      rcl_subscription_init(&subscription_, node.handle(), type, topic.c_str(), &options);
  report(rcl_subscription_options_fini(&options), "release subscription options");
  check(made, "subscribe to " + topic);
}

SubscriptionBase::~SubscriptionBase() {
  report(rcl_subscription_fini(&subscription_, node_.handle()), "release a subscription");
}

void SubscriptionBase::add_to(rcl_wait_set_t & set) {
  check(rcl_wait_set_add_subscription(&set, &subscription_, &index_), "wait for a subscription");
}

bool SubscriptionBase::ready(const rcl_wait_set_t & set) const {
  return set.subscriptions[index_] != nullptr;
}

bool SubscriptionBase::take_raw(void * message) {
  const rcl_ret_t taken = rcl_take(&subscription_, message, nullptr, nullptr);
  if (taken != RCL_RET_OK) {
    // Ready without a message is usual: the sample was lost, or expired in the meantime.
    rcl_reset_error();
  }
  return taken == RCL_RET_OK;
}

}  // namespace care_rcl

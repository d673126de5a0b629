// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rcl/subscription.h>
#include <rosidl_typesupport_cpp/message_type_support.hpp>

#include <functional>
#include <string>
#include <utility>

#include "care_rcl/node.hpp"
#include "care_rcl/waitable.hpp"

namespace care_rcl {

/// Subscription without a message type: what all subscriptions share.
class SubscriptionBase : public Waitable {
 public:
  SubscriptionBase(Node & node, const std::string & topic, const rmw_qos_profile_t & qos,
                   const rosidl_message_type_support_t * type);
  ~SubscriptionBase() override;

  void add_to(rcl_wait_set_t & set) override;
  bool ready(const rcl_wait_set_t & set) const override;

 protected:
  /// Take one message; false when there is none.
  bool take_raw(void * message);

 private:
  Node & node_;
  rcl_subscription_t subscription_;
};

/// Subscription of one topic; calls back once a message.
template <typename Message>
class Subscription : public SubscriptionBase {
 public:
  using Callback = std::function<void(const Message &)>;

  Subscription(Node & node, const std::string & topic, const rmw_qos_profile_t & qos,
               Callback callback)
      : SubscriptionBase(node, topic, qos,
                         rosidl_typesupport_cpp::get_message_type_support_handle<Message>()),
        callback_(std::move(callback)) {}

  void execute() override {
    if (take_raw(&message_)) {
      callback_(message_);
    }
  }

 private:
  Callback callback_;
  Message message_;  // strings and sequences keep their capacity from message to message
};

}  // namespace care_rcl

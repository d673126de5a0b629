// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rcl/publisher.h>
#include <rosidl_typesupport_cpp/message_type_support.hpp>

#include <string>

#include "care_rcl/node.hpp"

namespace care_rcl {

/// Publisher without a message type: what all publishers share.
class PublisherBase {
 public:
  PublisherBase(Node & node, const std::string & topic, const rmw_qos_profile_t & qos,
                const rosidl_message_type_support_t * type);
  ~PublisherBase();
  PublisherBase(const PublisherBase &) = delete;
  PublisherBase & operator=(const PublisherBase &) = delete;

 protected:
  /// Publish; a failure is logged, not thrown: the next message may go.
  void publish_raw(const void * message);

 private:
  Node & node_;
  rcl_publisher_t publisher_;
};

/// Publisher of one topic.
template <typename Message>
class Publisher : public PublisherBase {
 public:
  Publisher(Node & node, const std::string & topic, const rmw_qos_profile_t & qos)
      : PublisherBase(node, topic, qos,
                      rosidl_typesupport_cpp::get_message_type_support_handle<Message>()) {}

  void publish(const Message & message) { publish_raw(&message); }
};

}  // namespace care_rcl

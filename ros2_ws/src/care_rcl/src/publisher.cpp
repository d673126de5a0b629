// SPDX-License-Identifier: Apache-2.0
#include "care_rcl/publisher.hpp"

#include <rcl/error_handling.h>

#include "care_rcl/error.hpp"

namespace care_rcl {

PublisherBase::PublisherBase(Node & node, const std::string & topic, const rmw_qos_profile_t & qos,
                             const rosidl_message_type_support_t * type)
    : node_(node), publisher_(rcl_get_zero_initialized_publisher()) {
  rcl_publisher_options_t options = rcl_publisher_get_default_options();
  options.qos = qos;
  check(rcl_publisher_init(&publisher_, node.handle(), type, topic.c_str(), &options),
        "publish " + topic);
}

PublisherBase::~PublisherBase() {
  report(rcl_publisher_fini(&publisher_, node_.handle()), "release a publisher");
}

void PublisherBase::publish_raw(const void * message) {
  if (rcl_publish(&publisher_, message, nullptr) != RCL_RET_OK) {
    const std::string words = rcl_get_error_string().str;
    rcl_reset_error();
    node_.log().error(std::string("Cannot publish on ") +
                      rcl_publisher_get_topic_name(&publisher_) + ": " + words);
  }
}

}  // namespace care_rcl

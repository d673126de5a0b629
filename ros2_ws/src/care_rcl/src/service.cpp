// SPDX-License-Identifier: Apache-2.0
#include "care_rcl/service.hpp"

#include <rcl/error_handling.h>

#include "care_rcl/error.hpp"

namespace care_rcl {

ServiceBase::ServiceBase(Node & node, const std::string & name,
                         const rosidl_service_type_support_t * type)
    : Waitable(Kind::kService),
      node_(node),
      own_(rcl_get_zero_initialized_service()),
      service_(&own_) {
  const rcl_service_options_t options = rcl_service_get_default_options();
  check(rcl_service_init(&own_, node.handle(), type, name.c_str(), &options), "serve " + name);
}

ServiceBase::ServiceBase(Node & node, rcl_service_t * borrowed)
    : Waitable(Kind::kService),
      node_(node),
      own_(rcl_get_zero_initialized_service()),
      service_(borrowed) {}

ServiceBase::~ServiceBase() {
  if (service_ == &own_) {
    report(rcl_service_fini(&own_, node_.handle()), "release a service");
  }
}

void ServiceBase::add_to(rcl_wait_set_t & set) {
  check(rcl_wait_set_add_service(&set, service_, &index_), "wait for a service");
}

bool ServiceBase::ready(const rcl_wait_set_t & set) const {
  return set.services[index_] != nullptr;
}

bool ServiceBase::take_raw(rmw_request_id_t & id, void * request) {
  const rcl_ret_t taken = rcl_take_request(service_, &id, request);
  if (taken != RCL_RET_OK) {
    rcl_reset_error();
  }
  return taken == RCL_RET_OK;
}

void ServiceBase::send_raw(rmw_request_id_t & id, void * response) {
  if (rcl_send_response(service_, &id, response) != RCL_RET_OK) {
    const std::string words = rcl_get_error_string().str;
    rcl_reset_error();
    node_.log().warn(std::string("No answer sent on ") + rcl_service_get_service_name(service_) +
                     ", the client may have gone: " + words);
  }
}

}  // namespace care_rcl

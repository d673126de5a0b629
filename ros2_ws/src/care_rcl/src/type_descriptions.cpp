// SPDX-License-Identifier: Apache-2.0
#include "care_rcl/type_descriptions.hpp"

#include <rcl/node.h>
#include <type_description_interfaces/srv/get_type_description.h>

#include <memory>
#include <new>

#include "care_rcl/error.hpp"

namespace care_rcl {
namespace {

// rcl fills the C struct of the answer, so the request is taken as one, too.
using Request = type_description_interfaces__srv__GetTypeDescription_Request;
using Response = type_description_interfaces__srv__GetTypeDescription_Response;

struct Release {
  void operator()(Request * request) const {
    type_description_interfaces__srv__GetTypeDescription_Request__destroy(request);
  }
  void operator()(Response * response) const {
    type_description_interfaces__srv__GetTypeDescription_Response__destroy(response);
  }
};

}  // namespace

TypeDescriptions::TypeDescriptions(Node & node)
    : ServiceBase(node, &service_), service_(rcl_get_zero_initialized_service()) {
  check(rcl_node_type_description_service_init(&service_, node.handle()),
        "serve ~/get_type_description");
}

TypeDescriptions::~TypeDescriptions() {
  report(rcl_service_fini(&service_, node_.handle()), "release ~/get_type_description");
}

void TypeDescriptions::execute() {
  const std::unique_ptr<Request, Release> request(
      type_description_interfaces__srv__GetTypeDescription_Request__create());
  const std::unique_ptr<Response, Release> response(
      type_description_interfaces__srv__GetTypeDescription_Response__create());
  if (!request || !response) {
    throw std::bad_alloc();
  }
  rmw_request_id_t id;
  if (take_raw(id, request.get())) {
    rcl_node_type_description_service_handle_request(node_.handle(), &id, request.get(),
                                                     response.get());
    send_raw(id, response.get());
  }
}

}  // namespace care_rcl

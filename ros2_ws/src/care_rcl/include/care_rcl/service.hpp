// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rcl/service.h>
#include <rosidl_typesupport_cpp/service_type_support.hpp>

#include <functional>
#include <string>
#include <utility>

#include "care_rcl/node.hpp"
#include "care_rcl/waitable.hpp"

namespace care_rcl {

/// Service without a type: takes requests and sends answers of an own or a borrowed rcl service.
class ServiceBase : public Waitable {
 public:
  /// Make a service of its own.
  ServiceBase(Node & node, const std::string & name, const rosidl_service_type_support_t * type);
  /// Borrow one that somebody else made and will destroy.
  ServiceBase(Node & node, rcl_service_t * borrowed);
  ~ServiceBase() override;

  void add_to(rcl_wait_set_t & set) override;
  bool ready(const rcl_wait_set_t & set) const override;

 protected:
  bool take_raw(rmw_request_id_t & id, void * request);
  /// Send an answer; a client that has gone is logged, not thrown.
  void send_raw(rmw_request_id_t & id, void * response);

  Node & node_;

 private:
  rcl_service_t own_;
  rcl_service_t * service_;
};

/// Service; the callback fills the response.
template <typename Type>
class Service : public ServiceBase {
 public:
  using Request = typename Type::Request;
  using Response = typename Type::Response;
  using Callback = std::function<void(const Request &, Response &)>;

  Service(Node & node, const std::string & name, Callback callback)
      : ServiceBase(node, name, rosidl_typesupport_cpp::get_service_type_support_handle<Type>()),
        callback_(std::move(callback)) {}
  Service(Node & node, rcl_service_t * borrowed, Callback callback)
      : ServiceBase(node, borrowed), callback_(std::move(callback)) {}

  void execute() override {
    rmw_request_id_t id;
    Request request;
    if (take_raw(id, &request)) {
      Response response;
      callback_(request, response);
      send_raw(id, &response);
    }
  }

 private:
  Callback callback_;
};

}  // namespace care_rcl

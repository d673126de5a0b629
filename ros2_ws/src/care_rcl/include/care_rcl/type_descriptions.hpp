// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "care_rcl/service.hpp"

namespace care_rcl {

/// Service ~/get_type_description: what the types are that this node publishes, takes and serves.
/// rcl keeps them by the node and writes the answer.
class TypeDescriptions : public ServiceBase {
 public:
  explicit TypeDescriptions(Node & node);
  ~TypeDescriptions() override;

  void execute() override;

 private:
  rcl_service_t service_;
};

}  // namespace care_rcl

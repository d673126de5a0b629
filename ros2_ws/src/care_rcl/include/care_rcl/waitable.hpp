// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <rcl/wait.h>

#include <cstddef>

namespace care_rcl {

/// Something that a WaitLoop waits for.
class Waitable {
 public:
  enum class Kind { kSubscription, kService, kTimer, kGuardCondition };

  explicit Waitable(Kind kind) : kind_(kind) {}
  virtual ~Waitable() = default;
  Waitable(const Waitable &) = delete;
  Waitable & operator=(const Waitable &) = delete;

  Kind kind() const { return kind_; }

  /// Put the entity into the cleared wait set and keep the index.
  virtual void add_to(rcl_wait_set_t & set) = 0;

  /// Tell whether it is ready: its pointer is still in the set after the wait.
  virtual bool ready(const rcl_wait_set_t & set) const = 0;

  /// Do what there is to do.
  virtual void execute() = 0;

 protected:
  std::size_t index_ = 0;

 private:
  Kind kind_;
};

}  // namespace care_rcl

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <care_msgs/msg/heartbeat.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "care_rcl/node.hpp"
#include "care_rcl/publisher.hpp"
#include "care_rcl/timer.hpp"
#include "care_rcl/wait_loop.hpp"

namespace care_rcl {

/// Sign of life on `heartbeat`, 5 Hz. Readers judge silence by whether `turns` moves.
class Heartbeat {
 public:
  /// What the node says about itself at each beat.
  struct Pulse {
    std::uint8_t state = 0;                   ///< lifecycle_msgs/State
    std::uint64_t turns = 0;                  ///< turns of the loop that does the work
    std::map<std::string, double> ages = {};  ///< [s] of each input, infinity for never
    std::string fault = {};                   ///< why the node cannot do its job, empty when it can
  };

  Heartbeat(Node & node, WaitLoop & loop, std::function<Pulse()> pulse);

  /// Changes with every process.
  const std::string & boot_id() const { return message_.boot_id; }

 private:
  void beat();

  Node & node_;
  std::function<Pulse()> pulse_;
  care_msgs::msg::Heartbeat message_;
  Publisher<care_msgs::msg::Heartbeat> publisher_;
  Timer timer_;
};

/// A random uuid in text form.
std::string make_uuid();

}  // namespace care_rcl

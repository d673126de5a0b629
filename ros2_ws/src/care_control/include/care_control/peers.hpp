// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "care_control/core.hpp"

namespace care_control {

/// Watches the heartbeats of required nodes: a counter must move, by the reader's own clock.
class Peers {
 public:
  /// @throws std::invalid_argument for more than kMaxPeers names.
  explicit Peers(std::vector<std::string> names);

  /// Take a heartbeat; those of other nodes are ignored.
  void beat(const std::string & node, const std::string & boot_id, std::uint64_t turns,
            std::int64_t now_ns);

  const std::vector<std::string> & names() const { return names_; }
  /// Steady time when the counter of a peer last moved, kNever for never.
  std::int64_t moved_ns(std::size_t peer) const { return lives_[peer].moved_ns; }

 private:
  struct Life {
    std::string boot_id;
    std::uint64_t turns = 0;
    std::int64_t moved_ns = kNever;
  };
  std::vector<std::string> names_;
  std::vector<Life> lives_;
};

}  // namespace care_control

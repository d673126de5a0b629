// SPDX-License-Identifier: Apache-2.0
#include "care_control/peers.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace care_control {

Peers::Peers(std::vector<std::string> names) : names_(std::move(names)), lives_(names_.size()) {
  if (names_.size() > kMaxPeers) {
    throw std::invalid_argument("At most " + std::to_string(kMaxPeers) + " nodes can be required.");
  }
}

void Peers::beat(const std::string & node, const std::string & boot_id, std::uint64_t turns,
                 std::int64_t now_ns) {
  const auto found = std::find(names_.begin(), names_.end(), node);
  if (found == names_.end()) {
    return;
  }
  Life & life = lives_[static_cast<std::size_t>(found - names_.begin())];
  if (life.moved_ns == kNever || life.boot_id != boot_id || life.turns != turns) {
    life = {boot_id, turns, now_ns};
  }
}

}  // namespace care_control

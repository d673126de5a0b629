// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace care_control {

/// Who holds a stop. Each source releases only its own; the latch in the core stays until a reset.
class StopSources {
 public:
  /// Take a stop message.
  void take(const std::string & source, bool engaged, const std::string & user,
            const std::string & reason);

  /// Stops ever engaged.
  std::uint64_t count() const { return count_; }
  /// Sources that hold their stop now.
  std::vector<std::string> holding() const;
  /// The newest engaged stop in words, e.g. "by nurse_1 at tablet: patient in the way".
  const std::string & newest() const { return newest_; }

 private:
  std::map<std::string, bool> engaged_;
  std::uint64_t count_ = 0;
  std::string newest_;
};

}  // namespace care_control

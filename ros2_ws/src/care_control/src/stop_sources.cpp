// SPDX-License-Identifier: Apache-2.0
#include "care_control/stop_sources.hpp"

namespace care_control {
namespace {

constexpr std::size_t kMostSources = 64;

}  // namespace

void StopSources::take(const std::string & source, bool engaged, const std::string & user,
                       const std::string & reason) {
  // Beyond a sane number of names all share one, which can be engaged but no longer released.
  const bool known = engaged_.count(source) != 0 || engaged_.size() < kMostSources;
  if (known) {
    engaged_[source] = engaged;
  } else if (engaged) {
    engaged_[""] = true;
  }
  if (engaged) {
    ++count_;
    newest_ = (user.empty() ? "" : "by " + user + " ") + "at " +
              (source.empty() ? "an unnamed source" : source) +
              (reason.empty() ? "" : ": " + reason);
  }
}

std::vector<std::string> StopSources::holding() const {
  std::vector<std::string> names;
  for (const auto & [source, engaged] : engaged_) {
    if (engaged) {
      names.push_back(source.empty() ? "an unnamed source" : source);
    }
  }
  return names;
}

}  // namespace care_control

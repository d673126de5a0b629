// SPDX-License-Identifier: Apache-2.0
// Plays persons who enter the robot's way, and prints what came of it as JSON.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "care_control/plant/tally.hpp"

namespace {

using care_control::Entry;
using care_control::Manner;

constexpr int kBadUsage = 2;

void print(Entry entry, care_control::Tally & tally, const char * end) {
  std::printf("  \"%s\": {\"scenarios\": %llu, \"moving\": %llu, \"rested\": %llu, ",
              name_of(entry), static_cast<unsigned long long>(tally.played()),
              static_cast<unsigned long long>(tally.moving()),
              static_cast<unsigned long long>(tally.rested()));
  std::printf("\"touched\": %llu, \"run_into\": %llu, \"run_into_by_manner\": {",
              static_cast<unsigned long long>(tally.touched()),
              static_cast<unsigned long long>(tally.run_into()));
  for (std::size_t i = 0; i < care_control::kManners; ++i) {
    const auto manner = static_cast<Manner>(i);
    std::printf("%s\"%s\": %llu", i == 0 ? "" : ", ", name_of(manner),
                static_cast<unsigned long long>(tally.run_into(manner)));
  }
  std::printf("},\n    \"smallest_gap\": %.4f, \"smallest_gap_number\": %llu, ",
              tally.smallest_gap(), static_cast<unsigned long long>(tally.smallest_gap_number()));
  std::printf("\"fastest_touch_number\": %llu, ",
              static_cast<unsigned long long>(tally.fastest_touch_number()));
  std::printf("\"touch_speed\": {\"p50\": %.4f, \"p90\": %.4f, \"p99\": %.4f, \"max\": %.4f}}%s\n",
              tally.touch_speed(0.5), tally.touch_speed(0.9), tally.touch_speed(0.99),
              tally.touch_speed(1.0), end);
}

}  // namespace

int main(int argc, char ** argv) {
  char * rest = nullptr;
  const unsigned long long count =
      argc == 3 && std::strcmp(argv[1], "--count") == 0 ? std::strtoull(argv[2], &rest, 10) : 0;
  if (count == 0 || *rest != '\0') {
    std::fprintf(stderr, "usage: control_scenarios --count N   (N of each kind of entry)\n");
    return kBadUsage;
  }
  std::printf("{\n");
  for (std::size_t i = 0; i < care_control::kEntries; ++i) {
    const auto entry = static_cast<Entry>(i);
    care_control::Tally tally;
    tally.play_all(entry, 1, count);
    print(entry, tally, i + 1 < care_control::kEntries ? "," : "");
  }
  std::printf("}\n");
  return 0;
}

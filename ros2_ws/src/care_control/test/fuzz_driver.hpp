// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

/// A target for libFuzzer, where there is one; else `fuzz` drives it by mutation.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t * data, std::size_t size);

namespace care_control {

using Bytes = std::vector<std::uint8_t>;

/// Change a few places: one bit, one byte, a byte that protocols like, cut, double.
inline void mutate(Bytes & bytes, std::mt19937_64 & random) {
  constexpr std::uint8_t kLiked[] = {0x00, 0x01, 0x55, 0x7F, 0x80, 0xFD, 0xFE, 0xFF};
  for (std::size_t n = random() % 8 + 1; n > 0; --n) {
    if (bytes.empty()) {
      bytes.push_back(static_cast<std::uint8_t>(random()));
    }
    const std::size_t at = random() % bytes.size();
    const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    switch (random() % 6) {
      case 0:
        bytes[at] ^= static_cast<std::uint8_t>(1U << random() % 8);
        break;
      case 1:
        bytes[at] = static_cast<std::uint8_t>(random());
        break;
      case 2:
        bytes[at] = kLiked[random() % sizeof(kLiked)];
        break;
      case 3:
        bytes.erase(place);
        break;
      case 4:
        bytes.insert(place, kLiked[random() % sizeof(kLiked)]);
        break;
      default:
        if (bytes.size() < 600) {
          const Bytes copy(bytes);
          bytes.insert(bytes.end(), copy.begin(),
                       copy.begin() + static_cast<std::ptrdiff_t>(random() % copy.size()));
        }
    }
  }
}

/// Run the target on mutations of `seeds` for so many seconds: `PROGRAM [SECONDS [SEED]]`; without
/// a number 3, or 60 with NIGHTINGALE_LONG=1.
inline int fuzz(int argc, char ** argv, const std::vector<Bytes> & seeds) {
  const char * const wanted = std::getenv("NIGHTINGALE_LONG");
  const bool is_long = wanted != nullptr && *wanted == '1';
  const double seconds = argc > 1 ? std::atof(argv[1]) : is_long ? 60.0 : 3.0;
  std::mt19937_64 random(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1);
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  std::uint64_t runs = 0;
  for (; runs % 256 != 0 || std::chrono::steady_clock::now() < end; ++runs) {
    Bytes bytes = seeds[random() % seeds.size()];
    mutate(bytes, random);
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  }
  std::printf("%llu inputs\n", static_cast<unsigned long long>(runs));
  return 0;
}

}  // namespace care_control

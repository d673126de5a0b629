// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <type_traits>

namespace care_control {

/// Hands the newest value from one thread to one other; neither ever waits (triple buffer).
///
/// Three slots: the writer fills its own and swaps it with the middle one, the reader swaps the
/// middle one with its own when it is newer. One writer thread, one reader thread.
template <typename T>
class Mailbox {
  static_assert(std::is_trivially_copyable_v<T>, "copied while the other side goes on");
  static_assert(std::atomic<std::uint8_t>::is_always_lock_free, "a lock could make a side wait");

 public:
  /// Writer: make `value` the newest.
  void write(const T & value) noexcept {
    slots_[writing_] = value;
    const std::uint8_t old =
        middle_.exchange(static_cast<std::uint8_t>(writing_ | kNew), std::memory_order_acq_rel);
    writing_ = old & kIndex;
  }

  /// Reader: the newest value, the same again when nothing was written since.
  const T & read() noexcept {
    if ((middle_.load(std::memory_order_relaxed) & kNew) != 0) {
      reading_ = middle_.exchange(reading_, std::memory_order_acq_rel) & kIndex;
    }
    return slots_[reading_];
  }

 private:
  static constexpr std::uint8_t kIndex = 3;
  static constexpr std::uint8_t kNew = 4;

  std::array<T, 3> slots_{};
  alignas(64) std::atomic<std::uint8_t> middle_{1};
  alignas(64) std::uint8_t writing_ = 0;
  alignas(64) std::uint8_t reading_ = 2;
};

}  // namespace care_control

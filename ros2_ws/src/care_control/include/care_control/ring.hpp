// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <type_traits>

namespace care_control {

/// Hands every value from one thread to one other while there is room; neither ever waits.
template <typename T, std::size_t kSize>
class Ring {
  static_assert(std::is_trivially_copyable_v<T>);
  static_assert((kSize & (kSize - 1)) == 0, "a power of two");

 public:
  /// Writer: false when full, the value is dropped.
  bool push(const T & value) noexcept {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head - tail_.load(std::memory_order_acquire) == kSize) {
      return false;
    }
    slots_[head % kSize] = value;
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  /// Reader: false when empty.
  bool pop(T & value) noexcept {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail == head_.load(std::memory_order_acquire)) {
      return false;
    }
    value = slots_[tail % kSize];
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

 private:
  std::array<T, kSize> slots_{};
  alignas(64) std::atomic<std::size_t> head_{0};
  alignas(64) std::atomic<std::size_t> tail_{0};
};

}  // namespace care_control

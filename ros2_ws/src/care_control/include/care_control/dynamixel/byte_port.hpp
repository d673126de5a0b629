// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace care_control::dynamixel {

/// Bytes to and from a bus. Only `wait` blocks.
class BytePort {
 public:
  virtual ~BytePort() = default;

  /// Take what has come, at most `room` bytes: how many, or -1 when the port is gone.
  virtual std::ptrdiff_t read(std::uint8_t * bytes, std::size_t room) noexcept = 0;

  /// Send all of it or nothing: false when the port is gone or cannot take it now.
  virtual bool write(const std::uint8_t * bytes, std::size_t count) noexcept = 0;

  /// Forget what has come; what was written still goes out.
  virtual void flush() noexcept = 0;

  /// Wait until bytes have come, at most `milliseconds`.
  virtual void wait(int milliseconds) noexcept = 0;
};

}  // namespace care_control::dynamixel

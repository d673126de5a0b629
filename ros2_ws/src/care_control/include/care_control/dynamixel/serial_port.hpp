// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "care_control/dynamixel/byte_port.hpp"

namespace care_control::dynamixel {

/// A serial port: raw, 8N1, for us alone, and never waiting for anything but in `wait`.
class SerialPort : public BytePort {
 public:
  SerialPort() = default;
  ~SerialPort() override { close(); }
  SerialPort(const SerialPort &) = delete;
  SerialPort & operator=(const SerialPort &) = delete;

  /// Open `path` at `baud`; blocks. @return what went wrong, empty when nothing did.
  std::string open(const std::string & path, int baud);
  void close() noexcept;
  bool is_open() const noexcept { return file_ >= 0; }

  std::ptrdiff_t read(std::uint8_t * bytes, std::size_t room) noexcept override;
  bool write(const std::uint8_t * bytes, std::size_t count) noexcept override;
  void flush() noexcept override;
  void wait(int milliseconds) noexcept override;

 private:
  std::string fail(const std::string & path, int code);

  int file_ = -1;
};

/// Tell whether a port can be set to this speed.
bool is_baud_rate(int baud) noexcept;

}  // namespace care_control::dynamixel

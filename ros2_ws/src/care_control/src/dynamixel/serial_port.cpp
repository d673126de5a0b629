// SPDX-License-Identifier: Apache-2.0
#include "care_control/dynamixel/serial_port.hpp"

#include <fcntl.h>
#include <linux/serial.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace care_control::dynamixel {
namespace {

struct Rate {
  int baud;
  speed_t code;
};
// Those that both the servos and Linux know.
constexpr std::array<Rate, 7> kRates{{{9600, B9600},
                                      {57600, B57600},
                                      {115200, B115200},
                                      {1000000, B1000000},
                                      {2000000, B2000000},
                                      {3000000, B3000000},
                                      {4000000, B4000000}}};

const Rate * rate_of(int baud) noexcept {
  const auto * const found = std::find_if(kRates.begin(), kRates.end(),
                                          [baud](const Rate & rate) { return rate.baud == baud; });
  return found == kRates.end() ? nullptr : found;
}

bool make_raw(int file, speed_t code) noexcept {
  termios settings{};
  if (tcgetattr(file, &settings) != 0) {
    return false;
  }
  cfmakeraw(&settings);
  settings.c_cflag |= CLOCAL | CREAD;
  settings.c_cflag &= ~static_cast<tcflag_t>(CSTOPB | CRTSCTS);
  settings.c_cc[VMIN] = 1;  // so that reading nothing means that the port is gone
  settings.c_cc[VTIME] = 0;
  cfsetispeed(&settings, code);
  cfsetospeed(&settings, code);
  return tcsetattr(file, TCSANOW, &settings) == 0;
}

void ask_for_low_latency(int file) noexcept {
  // A USB adapter else gathers bytes for 16 ms. A port that knows no such thing needs none.
  serial_struct settings{};
  if (ioctl(file, TIOCGSERIAL, &settings) == 0) {
    settings.flags |= ASYNC_LOW_LATENCY;
    ioctl(file, TIOCSSERIAL, &settings);
  }
}

}  // namespace

bool is_baud_rate(int baud) noexcept {
  return rate_of(baud) != nullptr;
}

std::string SerialPort::open(const std::string & path, int baud) {
  close();
  const Rate * const rate = rate_of(baud);
  if (rate == nullptr) {
    return "no serial port runs at " + std::to_string(baud) + " baud";
  }
  file_ = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (file_ < 0) {
    return fail(path, errno);
  }
  if (ioctl(file_, TIOCEXCL) != 0 || !make_raw(file_, rate->code)) {
    return fail(path, errno);
  }
  ask_for_low_latency(file_);
  flush();
  return "";
}

std::string SerialPort::fail(const std::string & path, int code) {
  close();
  return path + ": " + std::strerror(code);
}

void SerialPort::close() noexcept {
  if (file_ >= 0) {
    ::close(file_);
    file_ = -1;
  }
}

std::ptrdiff_t SerialPort::read(std::uint8_t * bytes, std::size_t room) noexcept {
  const ssize_t count = ::read(file_, bytes, room);
  if (count > 0) {
    return count;
  }
  return count < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

bool SerialPort::write(const std::uint8_t * bytes, std::size_t count) noexcept {
  const ssize_t sent = ::write(file_, bytes, count);
  if (sent == static_cast<ssize_t>(count)) {
    return true;
  }
  if (sent > 0) {  // half a packet is worse than none
    tcflush(file_, TCOFLUSH);
  }
  return false;
}

void SerialPort::flush() noexcept {
  tcflush(file_, TCIFLUSH);
}

void SerialPort::wait(int milliseconds) noexcept {
  pollfd one{file_, POLLIN, 0};
  ::poll(&one, 1, milliseconds);
}

}  // namespace care_control::dynamixel

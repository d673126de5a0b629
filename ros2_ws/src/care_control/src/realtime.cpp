// SPDX-License-Identifier: Apache-2.0
#include "care_control/realtime.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <system_error>

namespace care_control {
namespace {

#ifdef __SANITIZE_THREAD__
constexpr std::size_t kStack = 8U << 20U;  // what the sanitizer keeps of a thread lies there too
#else
constexpr std::size_t kStack = 1U << 20U;  // locked memory makes each thread's stack resident
#endif
constexpr std::size_t kTouched = 1U << 18U;  // more than the control thread ever uses
constexpr unsigned kCapIpcLock = 14;
constexpr const char * kNoPriority = "no real-time priority";

bool has_capability(unsigned number) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE *)> status(
      std::fopen("/proc/self/status", "r"), &std::fclose);
  char line[256];
  while (status && std::fgets(line, sizeof(line), status.get()) != nullptr) {
    unsigned long long mask = 0;
    if (std::sscanf(line, "CapEff: %llx", &mask) == 1) {
      return (mask >> number & 1U) != 0;
    }
  }
  return false;
}

bool may_lock_everything() {
  rlimit limit{};
  getrlimit(RLIMIT_MEMLOCK, &limit);
  return limit.rlim_cur == RLIM_INFINITY || has_capability(kCapIpcLock);
}

std::string failed(const char * what, int code) {
  return std::string(what) + ": " + std::strerror(code);
}

void lock_memory(Degradations & degradations) {
  // With a small limit a lock of all future memory would make a later allocation fail: do without.
  if (!may_lock_everything()) {
    degradations.push_back(failed("memory is not locked", EPERM));
  } else if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) {
    degradations.push_back(failed("memory is not locked", errno));
  }
}

/// A processor in a deep sleep takes 0.1 ms and more to wake. The wish holds while the file is
/// open.
void keep_processors_awake() {
  const int file = open("/dev/cpu_dma_latency", O_WRONLY | O_CLOEXEC);
  const std::int32_t longest_us = 0;
  if (file >= 0 && write(file, &longest_us, sizeof(longest_us)) < 0) {
    close(file);
  }
}

/// Without locked memory a page of the stack would be made at its first use, in some late cycle.
__attribute__((noinline)) void touch_stack() noexcept {
  char pages[kTouched];
  for (std::size_t i = 0; i < kTouched; i += 4096) {
    *static_cast<volatile char *>(&pages[i]) = 0;
  }
}

struct Start {
  const char * name;
  void * (*body)(void *);
  void * argument;
};

void * enter(void * given) {
  const Start start = *std::unique_ptr<Start>(static_cast<Start *>(given));
  pthread_setname_np(pthread_self(), start.name);
  touch_stack();
  return start.body(start.argument);
}

void pin(pthread_t thread, int processor, Degradations & degradations) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<unsigned>(processor), &one);
  if (const int code = pthread_setaffinity_np(thread, sizeof(one), &one); code != 0) {
    degradations.push_back(failed("the control thread is not bound to its processor", code));
  }
}

}  // namespace

Degradations prepare_process(int priority) {
  Degradations degradations;
  mallopt(M_ARENA_MAX, 2);
  pthread_attr_t defaults;
  pthread_attr_init(&defaults);
  pthread_attr_setstacksize(&defaults, kStack);
  pthread_setattr_default_np(&defaults);
  pthread_attr_destroy(&defaults);
  lock_memory(degradations);
  keep_processors_awake();
  sched_param parameter{};
  parameter.sched_priority = priority;
  if (sched_setscheduler(0, SCHED_FIFO, &parameter) != 0) {
    degradations.push_back(failed(kNoPriority, errno));
  }
  return degradations;
}

pthread_t start_thread(const char * name, const ThreadPlace & place, void * (*body)(void *),
                       void * argument, Degradations & degradations) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  sched_param parameter{};
  parameter.sched_priority = place.priority;
  pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);  // else the policy is ignored
  pthread_attr_setschedpolicy(&attributes, SCHED_FIFO);
  pthread_attr_setschedparam(&attributes, &parameter);
  pthread_t thread{};
  auto start = std::make_unique<Start>(Start{name, body, argument});
  int code = pthread_create(&thread, &attributes, &enter, start.get());
  pthread_attr_destroy(&attributes);
  if (code == EPERM) {
    // Told once: whoever may not raise the process may not raise the thread either.
    const std::string told = failed(kNoPriority, code);
    if (std::find(degradations.begin(), degradations.end(), told) == degradations.end()) {
      degradations.push_back(told);
    }
    code = pthread_create(&thread, nullptr, &enter, start.get());
  }
  if (code != 0) {
    throw std::system_error(code, std::generic_category(), "no control thread");
  }
  static_cast<void>(start.release());  // the thread's own now
  if (place.processor >= 0) {
    pin(thread, place.processor, degradations);
  }
  return thread;
}

}  // namespace care_control

// SPDX-License-Identifier: Apache-2.0
#include "care_control/realtime.hpp"

#include <malloc.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <memory>
#include <system_error>

namespace care_control {
namespace {

constexpr std::size_t kStack = 1U << 20U;  // locked memory makes each thread's stack resident
constexpr unsigned kCapIpcLock = 14;

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

}  // namespace

Degradations prepare_process(int priority) {
  Degradations degradations;
  mallopt(M_ARENA_MAX, 2);
  pthread_attr_t defaults;
  pthread_attr_init(&defaults);
  pthread_attr_setstacksize(&defaults, kStack);
  pthread_setattr_default_np(&defaults);
  pthread_attr_destroy(&defaults);
  // With a small limit a lock of all future memory would make a later allocation fail: do without.
  if (!may_lock_everything()) {
    degradations.push_back(failed("memory is not locked", EPERM));
  } else if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) {
    degradations.push_back(failed("memory is not locked", errno));
  }
  sched_param parameter{};
  parameter.sched_priority = priority;
  if (sched_setscheduler(0, SCHED_FIFO, &parameter) != 0) {
    degradations.push_back(failed("no real-time priority for the middleware", errno));
  }
  return degradations;
}

pthread_t start_thread(int priority, void * (*body)(void *), void * argument,
                       Degradations & degradations) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  sched_param parameter{};
  parameter.sched_priority = priority;
  pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);  // else the policy is ignored
  pthread_attr_setschedpolicy(&attributes, SCHED_FIFO);
  pthread_attr_setschedparam(&attributes, &parameter);
  pthread_t thread{};
  int code = pthread_create(&thread, &attributes, body, argument);
  pthread_attr_destroy(&attributes);
  if (code == EPERM) {
    degradations.push_back(failed("no real-time priority for the control thread", code));
    code = pthread_create(&thread, nullptr, body, argument);
  }
  if (code != 0) {
    throw std::system_error(code, std::generic_category(), "no control thread");
  }
  return thread;
}

}  // namespace care_control

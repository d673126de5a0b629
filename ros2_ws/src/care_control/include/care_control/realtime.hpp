// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthread.h>

#include <string>
#include <vector>

namespace care_control {

/// What the process could not get for real-time work, each with its cause; empty when it has all.
/// It runs on without.
using Degradations = std::vector<std::string>;

/// Prepare the process: lock its memory, small default stacks, real-time priority that later
/// threads inherit, processors kept out of deep sleep where the machine lets us. Call it first in
/// main, before any thread exists.
Degradations prepare_process(int priority);

/// How a thread is to run.
struct ThreadPlace {
  int priority = 0;    ///< of SCHED_FIFO
  int processor = -1;  ///< the only one it may use, -1: any
};

/// Start a joinable thread named `name` (15 letters at most) on a stack that is already resident;
/// what of `place` is not allowed or not there is done without.
/// @throws std::system_error when no thread can be made at all.
pthread_t start_thread(const char * name, const ThreadPlace & place, void * (*body)(void *),
                       void * argument, Degradations & degradations);

}  // namespace care_control

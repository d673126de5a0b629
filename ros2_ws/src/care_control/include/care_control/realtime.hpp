// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthread.h>

#include <string>
#include <vector>

namespace care_control {

/// What the process could not get for real-time work; empty when it has all. It runs on without.
using Degradations = std::vector<std::string>;

/// Prepare the process: lock its memory, small default stacks, real-time priority that later
/// threads inherit. Call it first in main, before any thread exists.
Degradations prepare_process(int priority);

/// Start a joinable thread with SCHED_FIFO `priority`, or without where that is not allowed.
/// @throws std::system_error when no thread can be made at all.
pthread_t start_thread(int priority, void * (*body)(void *), void * argument,
                       Degradations & degradations);

}  // namespace care_control

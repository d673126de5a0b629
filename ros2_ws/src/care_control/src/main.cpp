// SPDX-License-Identifier: Apache-2.0
// The executable control_node: exits 0 after SIGINT or SIGTERM, 1 when its parameters are refused.
#include <care_rcl/context.hpp>
#include <care_rcl/error.hpp>
#include <care_rcl/wait_loop.hpp>

#include <pthread.h>
#include <signal.h>

#include <cstdio>
#include <exception>
#include <thread>

#include "care_control/control_node.hpp"

namespace {

constexpr int kMiddlewarePriority = 40;  // the DDS threads inherit it; control is above

/// Ends the loop on a signal. A thread that waits for it, for a handler could not wake the loop.
class SignalThread {
 public:
  explicit SignalThread(const sigset_t & signals, care_rcl::WaitLoop & loop)
      : thread_([signals, &loop] {
          pthread_setname_np(pthread_self(), "signals");
          int received = 0;
          sigwait(&signals, &received);
          loop.stop();
        }) {}
  ~SignalThread() {
    pthread_kill(thread_.native_handle(), SIGTERM);
    thread_.join();
  }
  SignalThread(const SignalThread &) = delete;
  SignalThread & operator=(const SignalThread &) = delete;

 private:
  std::thread thread_;
};

}  // namespace

int main(int argc, char ** argv) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread, so that all inherit it
  try {
    const auto degradations = care_control::prepare_process(kMiddlewarePriority);
    care_rcl::Context context(argc, argv);
    care_rcl::WaitLoop loop(context);
    const SignalThread signal_thread(signals, loop);
    care_control::ControlNode node(context, loop, degradations);
    try {
      loop.spin();
    } catch (const std::exception & error) {
      std::fprintf(stderr, "FATAL: %s\n", error.what());
      node.shut_down();  // to rest first, whatever happened
      return 1;
    }
    node.shut_down();
  } catch (const std::exception & error) {
    std::fprintf(stderr, "FATAL: %s\n", error.what());
    return 1;
  }
  return 0;
}

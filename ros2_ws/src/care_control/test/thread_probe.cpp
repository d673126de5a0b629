// SPDX-License-Identifier: Apache-2.0
// A library for LD_PRELOAD that looks at the threads of a process from outside: what each allocates
// and locks, and how late each wakes from an absolute deadline. What it sees lies in the file
// THREAD_PROBE_FILE, which must be in memory (/dev/shm); tests/thread_probe.py reads it.
//
// With THREAD_PROBE_REFERENCE=1 a thread that does nothing but sleep runs beside the first periodic
// one: in the same process, at its priority, half a period apart. It shows what the machine allows.
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

constexpr std::size_t kThreads = 64;
constexpr std::size_t kSamples = 1U << 18U;  // four minutes at 1 kHz
constexpr std::int64_t kSecond = 1'000'000'000;

// The layout that tests/thread_probe.py knows. Each line has one writer: the thread itself.
struct Thread {
  std::int64_t tid;
  std::uint64_t allocations;  // and frees
  std::uint64_t locks;        // mutexes, conditions, semaphores
  std::uint64_t wakes;        // from absolute deadlines
  std::uint64_t missed;       // periods between two deadlines without a wake
  std::int64_t reference;     // 1: the thread that only sleeps
  std::int64_t last_deadline;
  std::int64_t samples;  // index of its samples, -1 for none
};
struct Shared {
  Thread threads[kThreads];
  std::int32_t late[2][kSamples];  // [ns] of the first periodic thread and of the reference
};

Shared * shared = nullptr;
std::atomic<std::size_t> threads_used{0};
std::atomic<int> periodic_used{0};
std::int64_t period_ns = 1'000'000;

// initial-exec: a lookup must not allocate.
__attribute__((tls_model("initial-exec"))) thread_local Thread * mine = nullptr;

Thread * me() {
  if (mine == nullptr && shared != nullptr) {
    const std::size_t slot = threads_used.fetch_add(1);
    if (slot < kThreads) {
      mine = &shared->threads[slot];
      mine->samples = -1;
      mine->tid = syscall(SYS_gettid);
    }
  }
  return mine;
}

void count_allocation() {
  if (Thread * thread = me()) {
    ++thread->allocations;
  }
}

template <typename Function>
Function * next(const char * name) {
  return reinterpret_cast<Function *>(dlsym(RTLD_NEXT, name));
}

std::int64_t now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * kSecond + time.tv_nsec;
}

int really_sleep(const timespec * until) {
  static auto * const real =
      next<int(clockid_t, int, const timespec *, timespec *)>("clock_nanosleep");
  return real(CLOCK_MONOTONIC, TIMER_ABSTIME, until, nullptr);
}

void * reference(void * first_deadline);

void begin_reference(std::int64_t deadline) {
  if (std::getenv("THREAD_PROBE_REFERENCE") == nullptr) {
    return;
  }
  int policy = SCHED_OTHER;
  sched_param parameter{};
  pthread_getschedparam(pthread_self(), &policy, &parameter);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
  pthread_attr_setschedpolicy(&attributes, policy);
  pthread_attr_setschedparam(&attributes, &parameter);
  pthread_t thread{};
  static std::int64_t first = 0;
  first = deadline + period_ns + period_ns / 2;
  pthread_create(&thread, &attributes, &reference, &first);
  pthread_attr_destroy(&attributes);
}

void woke(Thread & thread, std::int64_t deadline) {
  const std::int64_t late = now() - deadline;
  if (thread.wakes == 0) {
    const int index = thread.reference != 0 ? 1 : periodic_used.fetch_add(1) == 0 ? 0 : -1;
    thread.samples = index;
    if (index == 0) {
      begin_reference(deadline);
    }
  } else {
    thread.missed += static_cast<std::uint64_t>((deadline - thread.last_deadline) / period_ns - 1);
  }
  if (thread.samples >= 0) {
    constexpr std::int64_t kMost = 2'000'000'000;
    shared->late[thread.samples][thread.wakes % kSamples] =
        static_cast<std::int32_t>(std::min(late, kMost));
  }
  thread.last_deadline = deadline;
  ++thread.wakes;
}

void * reference(void * first_deadline) {
  pthread_setname_np(pthread_self(), "reference");
  std::int64_t deadline = *static_cast<std::int64_t *>(first_deadline);
  if (me() == nullptr) {
    return nullptr;
  }
  mine->reference = 1;
  for (;;) {
    const timespec until{deadline / kSecond, deadline % kSecond};
    really_sleep(&until);
    woke(*mine, deadline);
    deadline += period_ns;
    const std::int64_t behind = now() - deadline;
    deadline += behind > 0 ? (behind / period_ns + 1) * period_ns : 0;
  }
}

__attribute__((constructor)) void open_file() {
  const char * path = std::getenv("THREAD_PROBE_FILE");
  if (path == nullptr) {
    return;
  }
  if (const char * period = std::getenv("THREAD_PROBE_PERIOD_NS")) {
    period_ns = std::atoll(period);
  }
  const int file = open(path, O_RDWR | O_CLOEXEC);
  void * memory = file < 0 ? MAP_FAILED
                           : mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE,
                                  MAP_SHARED | MAP_POPULATE, file, 0);
  if (memory != MAP_FAILED) {
    shared = static_cast<Shared *>(memory);
  }
}

}  // namespace

// glibc's own names for what is replaced here: no search, hence no recursion.
extern "C" {
void * __libc_malloc(std::size_t size);
void * __libc_calloc(std::size_t count, std::size_t size);
void * __libc_realloc(void * old, std::size_t size);
void * __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void * memory);

void * malloc(std::size_t size) {
  count_allocation();
  return __libc_malloc(size);
}
void * calloc(std::size_t count, std::size_t size) {
  count_allocation();
  return __libc_calloc(count, size);
}
void * realloc(void * old, std::size_t size) {
  count_allocation();
  return __libc_realloc(old, size);
}
void * memalign(std::size_t alignment, std::size_t size) {
  count_allocation();
  return __libc_memalign(alignment, size);
}
void * aligned_alloc(std::size_t alignment, std::size_t size) {
  count_allocation();
  return __libc_memalign(alignment, size);
}
int posix_memalign(void ** memory, std::size_t alignment, std::size_t size) {
  count_allocation();
  *memory = __libc_memalign(alignment, size);
  return *memory == nullptr ? 12 : 0;  // ENOMEM
}
void free(void * memory) {
  count_allocation();
  __libc_free(memory);
}

#define THREAD_PROBE_LOCK(name, type)                    \
  int name(type * lock) {                                \
    static auto * const real = next<int(type *)>(#name); \
    if (Thread * thread = me()) {                        \
      ++thread->locks;                                   \
    }                                                    \
    return real(lock);                                   \
  }
THREAD_PROBE_LOCK(pthread_mutex_lock, pthread_mutex_t)
THREAD_PROBE_LOCK(pthread_mutex_trylock, pthread_mutex_t)
THREAD_PROBE_LOCK(pthread_rwlock_rdlock, pthread_rwlock_t)
THREAD_PROBE_LOCK(pthread_rwlock_wrlock, pthread_rwlock_t)
THREAD_PROBE_LOCK(pthread_spin_lock, pthread_spinlock_t)
THREAD_PROBE_LOCK(pthread_cond_signal, pthread_cond_t)
THREAD_PROBE_LOCK(pthread_cond_broadcast, pthread_cond_t)
THREAD_PROBE_LOCK(sem_wait, sem_t)
THREAD_PROBE_LOCK(sem_post, sem_t)
#undef THREAD_PROBE_LOCK

int clock_nanosleep(clockid_t clock, int flags, const timespec * when, timespec * rest) {
  static auto * const real =
      next<int(clockid_t, int, const timespec *, timespec *)>("clock_nanosleep");
  const int code = real(clock, flags, when, rest);
  if (code == 0 && clock == CLOCK_MONOTONIC && flags == TIMER_ABSTIME && me() != nullptr) {
    woke(*mine, when->tv_sec * kSecond + when->tv_nsec);
  }
  return code;
}
}

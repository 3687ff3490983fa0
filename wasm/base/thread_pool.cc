// SPDX-License-Identifier: Apache-2.0
#include "base/thread_pool.h"

#if defined(__wasm__) && !defined(__EMSCRIPTEN_PTHREADS__)

namespace needle {

struct ThreadPool::Shared {};

ThreadPool::ThreadPool() = default;
ThreadPool::~ThreadPool() = default;
void ThreadPool::Resize(int) {}
void ThreadPool::RunJob(const Job& job) {
  for (int piece = 0; piece < job.pieces; ++piece) job.work(job.context, piece, 0);
}

}  // namespace needle

#else

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace needle {
namespace {

// How often a thread looks again before it sleeps. Between the matrices of one layer lie some microseconds, waking a
// sleeper takes longer than that; a millisecond later nothing is likely to come.
constexpr int kSpins = 20000;

}  // namespace

/// Threads join a job while it is open and the caller waits only for those that have joined: one that the machine lets
/// sleep delays nobody.
struct ThreadPool::Shared {
  struct Thread {
    Shared* shared;
    int number;
    pthread_t handle;
  };

  std::mutex mutex;
  std::condition_variable opened, left;
  Job job{};                        // under the mutex
  bool is_open = false;             // under the mutex
  bool is_stopping = false;         // under the mutex
  std::atomic<unsigned> count = 0;  // of jobs opened; written under the mutex
  std::atomic<int> next = 0;        // piece
  std::atomic<int> joined = 0;
  std::vector<std::unique_ptr<Thread>> threads;

  void Work(const Job& mine, int thread) {
    for (int piece; (piece = next.fetch_add(1, std::memory_order_relaxed)) < mine.pieces;)
      mine.work(mine.context, piece, thread);
  }

  void Serve(int thread) {
    unsigned seen = 0;
    for (;;) {
      for (int i = 0; i < kSpins && count.load(std::memory_order_relaxed) == seen; ++i) {
      }
      Job mine;
      {
        std::unique_lock lock(mutex);
        opened.wait(lock, [&] { return is_stopping || count.load(std::memory_order_relaxed) != seen; });
        if (is_stopping) return;
        seen = count.load(std::memory_order_relaxed);
        if (!is_open) continue;
        mine = job;
        joined.fetch_add(1, std::memory_order_relaxed);
      }
      Work(mine, thread);
      if (joined.fetch_sub(1, std::memory_order_acq_rel) > 1) continue;
      std::lock_guard lock(mutex);  // or the caller might miss it between its look and its sleep
      left.notify_one();
    }
  }

  void Run(const Job& mine) {
    {
      std::lock_guard lock(mutex);
      job = mine;
      next.store(0, std::memory_order_relaxed);
      is_open = true;
      count.fetch_add(1, std::memory_order_relaxed);
    }
    opened.notify_all();
    Work(mine, 0);
    std::unique_lock lock(mutex);
    is_open = false;
    const auto have_left = [&] { return joined.load(std::memory_order_acquire) == 0; };
    if (have_left()) return;
    lock.unlock();
    for (int i = 0; i < kSpins && !have_left(); ++i) {
    }
    lock.lock();
    left.wait(lock, have_left);
  }
};

ThreadPool::ThreadPool() = default;
ThreadPool::~ThreadPool() { Stop(); }

void ThreadPool::Resize(int threads) {
  Stop();
  if (threads < 2) return;
  shared_ = std::make_unique<Shared>();
  for (; size_ < threads; ++size_) {
    auto thread = std::make_unique<Shared::Thread>(Shared::Thread{shared_.get(), size_, pthread_t{}});
    const auto serve = [](void* arg) -> void* {
      auto* self = static_cast<Shared::Thread*>(arg);
      self->shared->Serve(self->number);
      return nullptr;
    };
    if (pthread_create(&thread->handle, nullptr, serve, thread.get()) != 0) break;
    shared_->threads.push_back(std::move(thread));
  }
}

void ThreadPool::Stop() {
  if (shared_) {
    {
      std::lock_guard lock(shared_->mutex);
      shared_->is_stopping = true;
    }
    shared_->opened.notify_all();
    for (const auto& thread : shared_->threads) pthread_join(thread->handle, nullptr);
  }
  shared_.reset();
  size_ = 1;
}

void ThreadPool::RunJob(const Job& job) {
  if (shared_ && job.pieces > 1) return shared_->Run(job);
  for (int piece = 0; piece < job.pieces; ++piece) job.work(job.context, piece, 0);
}

}  // namespace needle

#endif

// SPDX-License-Identifier: Apache-2.0
// A few threads that help the caller's with one job at a time: many independent pieces of work, each of which writes
// what no other reads, so that results are the same bytes whoever did which piece. In builds without threads it is the
// caller alone, and nothing of it remains.
#pragma once

#include <memory>
#include <type_traits>

namespace needle {

class ThreadPool {
 public:
  ThreadPool();
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// Has `threads` threads in all from now on, the caller's own among them, or as many as can be started. Not during Run.
  void Resize(int threads);
  /// At least 1.
  int size() const { return size_; }

  /// Calls work(piece, thread) for each piece of [0, pieces), each once, in any order and at the same time on several
  /// threads, of which the caller's is number 0; returns when all have returned. `work` must not call Run.
  template <class Work>
  void Run(int pieces, Work&& work) {
    using Plain = std::remove_reference_t<Work>;
    RunJob({pieces, [](void* context, int piece, int thread) { (*static_cast<Plain*>(context))(piece, thread); },
            const_cast<std::remove_const_t<Plain>*>(&work)});
  }

 private:
  struct Job {
    int pieces;
    void (*work)(void* context, int piece, int thread);
    void* context;
  };
  struct Shared;
  void RunJob(const Job& job);
  void Stop();  // ends the other threads

  int size_ = 1;
  std::unique_ptr<Shared> shared_;  // null without other threads
};

}  // namespace needle

// SPDX-License-Identifier: Apache-2.0
// Every piece once, on every number of threads, again and again; and an engine whose answers do not depend on them.
#include "base/thread_pool.h"

#include <atomic>
#include <vector>

#include "test_main.h"

using namespace needle;

TEST(EachPieceIsDoneOnce) {
  for (const int threads : {1, 2, 3, 8}) {
    ThreadPool pool;
    pool.Resize(threads);
    CHECK_EQ(pool.size(), threads);
    for (int pieces = 0; pieces < 40; ++pieces) {
      std::vector<int> done(pieces);
      std::atomic<bool> is_known = true;
      pool.Run(pieces, [&](int piece, int thread) {
        ++done[piece];
        if (thread < 0 || thread >= threads) is_known = false;
      });
      CHECK(done == std::vector<int>(pieces, 1));
      CHECK(is_known);
    }
  }
}

TEST(WhatThreadsWroteIsSeenAfterwards) {
  ThreadPool pool;
  pool.Resize(4);
  std::vector<long> sums(64);
  for (int round = 1; round <= 2000; ++round) {
    pool.Run(64, [&](int piece, int) { sums[piece] += piece; });
    long total = 0;
    for (const long sum : sums) total += sum;
    CHECK_EQ(total, 2016L * round);
  }
}

TEST(SleepersWakeAndThePoolCanBeResized) {
  ThreadPool pool;
  for (const int threads : {2, 5, 1, 3}) {
    pool.Resize(threads);
    for (int round = 0; round < 3; ++round) {
      std::atomic<int> count = 0;
      pool.Run(9, [&](int, int) { ++count; });
      CHECK_EQ(count.load(), 9);
      volatile int idle = 0;
      for (int i = 0; i < 3000000; ++i) idle = idle + 1;  // longer than a thread spins
    }
  }
}

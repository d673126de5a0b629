// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>

#include "care_control/histogram.hpp"
#include "care_control/mailbox.hpp"
#include "care_control/ring.hpp"

namespace care_control {
namespace {

using Block = std::array<std::uint64_t, 64>;

TEST(Mailbox, gives_the_newest_and_the_same_again) {
  Mailbox<int> box;
  EXPECT_EQ(box.read(), 0);
  box.write(1);
  box.write(2);
  EXPECT_EQ(box.read(), 2);
  EXPECT_EQ(box.read(), 2);
  box.write(3);
  EXPECT_EQ(box.read(), 3);
}

TEST(Mailbox, never_tears_a_value_and_never_goes_back) {
  Mailbox<Block> box;
  std::atomic<bool> done{false};
  std::thread writer([&] {
    Block block;
    for (std::uint64_t n = 1; n <= 300000; ++n) {
      block.fill(n);
      box.write(block);
    }
    done = true;
  });
  std::uint64_t last = 0;
  bool torn = false;
  bool back = false;
  while (!done) {
    const Block & block = box.read();
    for (const std::uint64_t n : block) {
      torn = torn || n != block[0];
    }
    back = back || block[0] < last;
    last = block[0];
  }
  writer.join();
  EXPECT_FALSE(torn);
  EXPECT_FALSE(back);
  EXPECT_EQ(box.read()[0], 300000u);
}

TEST(Ring, keeps_order_and_drops_only_when_full) {
  Ring<int, 4> ring;
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(ring.push(i));
  }
  EXPECT_FALSE(ring.push(4));
  int value = -1;
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(ring.pop(value));
    EXPECT_EQ(value, i);
  }
  EXPECT_FALSE(ring.pop(value));
}

TEST(Histogram, quantiles_are_right_to_a_sixteenth) {
  Histogram histogram;
  EXPECT_EQ(histogram.quantile(0.5), 0);
  for (std::int64_t n = 1; n <= 100000; ++n) {
    histogram.add(n * 100);
  }
  for (const double q : {0.1, 0.5, 0.99, 0.999}) {
    const double exact = q * 1e7;
    EXPECT_NEAR(static_cast<double>(histogram.quantile(q)), exact, exact / 16 + 1) << q;
  }
  EXPECT_EQ(histogram.maximum(), 10000000);
  EXPECT_EQ(histogram.quantile(1.0), 10000000);
}

TEST(Histogram, takes_what_is_off_its_scale) {
  Histogram histogram;
  histogram.add(-5);
  histogram.add(std::int64_t{1} << 60);
  EXPECT_EQ(histogram.count(), 2u);
  EXPECT_EQ(histogram.quantile(0.5), 0);
  EXPECT_EQ(histogram.maximum(), std::int64_t{1} << 60);
}

}  // namespace
}  // namespace care_control

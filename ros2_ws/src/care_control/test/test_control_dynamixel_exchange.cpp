// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "care_control/dynamixel/bus_health.hpp"
#include "care_control/dynamixel/exchange.hpp"
#include "care_control/fault_words.hpp"
#include "care_control/hardware.hpp"
#include "care_control/time_budget.hpp"

namespace care_control::dynamixel {
namespace {

using Bytes = std::vector<std::uint8_t>;
constexpr std::int64_t kMs = 1'000'000;

/// A port whose other end is the test.
struct FakePort : BytePort {
  std::ptrdiff_t read(std::uint8_t * bytes, std::size_t room) noexcept override {
    if (gone) {
      return -1;
    }
    const std::size_t count = std::min(room, coming.size());
    std::copy(coming.begin(), coming.begin() + static_cast<std::ptrdiff_t>(count), bytes);
    coming.erase(coming.begin(), coming.begin() + static_cast<std::ptrdiff_t>(count));
    return static_cast<std::ptrdiff_t>(count);
  }
  bool write(const std::uint8_t * bytes, std::size_t count) noexcept override {
    sent.assign(bytes, bytes + count);
    return !gone && !full;
  }
  void flush() noexcept override { coming.clear(); }
  void wait(int) noexcept override {}

  /// The instruction packets that were sent last, in order: instruction and first register.
  std::vector<std::pair<int, int>> heard() const {
    std::vector<std::pair<int, int>> all;
    for (std::size_t at = 0; at < sent.size(); at += 7U + sent[at + 5]) {
      all.emplace_back(sent[at + 7], sent[at + 8]);
    }
    return all;
  }

  Bytes coming;
  Bytes sent;
  bool gone = false;
  bool full = false;
};

BusConfig three() {
  BusConfig config;
  config.port = "none";
  config.period = 0.004;
  config.answer_timeout = 0.008;
  config.silence = 0.05;
  config.watchdog = 0.1;  // 5 units
  config.servos = {{1}, {2}, {3, ServoMode::kPosition}};
  return config;
}

/// The fast answer of three servos, or of the first few of them.
Bytes answer_of(const std::vector<ServoReading> & readings, std::size_t servos = 3) {
  Bytes bytes{0xFF, 0xFF, 0xFD, 0x00, 0xFE, 0, 0, 0x55};
  put_u16(bytes.data() + 5, static_cast<std::uint16_t>(1 + 3 * block_size(kReadingWidth)));
  for (std::size_t i = 0; i < servos; ++i) {
    const ServoReading & one = readings[i];
    const auto error = static_cast<std::uint8_t>(one.hardware_error != 0 ? 0x80 : 0);
    bytes.insert(bytes.end(),
                 {error, static_cast<std::uint8_t>(i + 1), static_cast<std::uint8_t>(one.torque),
                  one.hardware_error, one.watchdog});
    std::uint8_t numbers[10];
    put_i32(numbers, one.velocity);
    put_i32(numbers + 4, one.position);
    bytes.insert(bytes.end(), numbers, numbers + 8);
    put_u16(numbers, crc16(bytes.data(), bytes.size()));
    bytes.insert(bytes.end(), numbers, numbers + 2);
  }
  return bytes;
}

const ServoReading kOn{true, 0, 5, 100, -7};
const ServoReading kOff{false, 0, 5, 0, 0};

class ExchangeTest : public ::testing::Test {
 protected:
  void SetUp() override { exchange.start(port, {}); }

  /// Ask and have it answered (or not), `after` the question. @return how it ended.
  Outcome turn(const Bytes & answer, std::int64_t after = kMs) {
    EXPECT_TRUE(exchange.ask(now, port, goals));
    now += after;
    port.coming = answer;
    const Outcome outcome = exchange.listen(now, port);
    now += 10 * kMs;
    return outcome != Outcome::kNone ? outcome : exchange.listen(now, port);
  }

  BusConfig config = three();
  FakePort port;
  Exchange exchange{config};
  Goals goals;
  std::int64_t now = 0;
};

TEST_F(ExchangeTest, goals_go_before_the_torque_that_makes_them_move) {
  goals.torque = true;
  exchange.ask(now, port, goals);
  const std::vector<std::pair<int, int>> expected{
      {0x83, kGoalVelocity}, {0x83, kGoalPosition}, {0x83, kTorqueEnable}, {0x8A, kIndirectData}};
  EXPECT_EQ(port.heard(), expected);
}

TEST_F(ExchangeTest, no_torque_goes_before_anything_until_all_servos_say_so) {
  EXPECT_EQ(turn(answer_of({kOff, kOn, kOff})), Outcome::kGood);
  exchange.ask(now, port, goals);
  EXPECT_EQ(port.heard().front(), (std::pair<int, int>{0x83, kTorqueEnable}));
  EXPECT_EQ(turn(answer_of({kOff, kOff, kOff})), Outcome::kGood);
  exchange.ask(now, port, goals);
  EXPECT_EQ(port.heard().front(), (std::pair<int, int>{0x83, kGoalVelocity}));
  EXPECT_EQ(port.heard().size(), 3U);
}

TEST_F(ExchangeTest, readings_are_those_of_the_answer) {
  EXPECT_EQ(turn(answer_of({kOn, kOff, {true, 0, 5, -3, -0x02020001}})), Outcome::kGood);
  EXPECT_EQ(exchange.readings()[0].velocity, 100);
  EXPECT_EQ(exchange.readings()[0].position, -7);
  EXPECT_FALSE(exchange.readings()[1].torque);
  EXPECT_EQ(exchange.readings()[2].position, -0x02020001);  // FF FF FD FD: no stuffing here
  EXPECT_EQ(exchange.readings()[2].velocity, -3);
}

TEST_F(ExchangeTest, an_answer_may_come_in_pieces) {
  const Bytes answer = answer_of({kOn, kOn, kOn});
  exchange.ask(now, port, goals);
  for (std::size_t i = 0; i < answer.size(); ++i) {
    port.coming = {answer[i]};
    EXPECT_EQ(exchange.listen(now, port), i + 1 == answer.size() ? Outcome::kGood : Outcome::kNone);
  }
}

TEST_F(ExchangeTest, questions_keep_their_period_and_wait_for_the_answer) {
  exchange.ask(0, port, goals);
  EXPECT_FALSE(exchange.due(5 * kMs));  // it still waits
  port.coming = answer_of({kOn, kOn, kOn});
  EXPECT_EQ(exchange.listen(2 * kMs, port), Outcome::kGood);
  EXPECT_FALSE(exchange.due(3 * kMs));
  EXPECT_TRUE(exchange.due(4 * kMs));
}

TEST_F(ExchangeTest, ends_are_told_apart) {
  EXPECT_EQ(turn({}), Outcome::kSilent);
  EXPECT_EQ(turn(answer_of({kOn, kOn, kOn}, 2)), Outcome::kPartial);
  EXPECT_EQ(exchange.answered(), 2U);
  Bytes wrong = answer_of({kOn, kOn, kOn});
  wrong[20] ^= 4;
  EXPECT_EQ(turn(wrong), Outcome::kGarbled);
  EXPECT_EQ(turn({0xFF, 0xFF, 0xFD}), Outcome::kGarbled);
  EXPECT_EQ(turn({0x12, 0x34}), Outcome::kGarbled);
  EXPECT_EQ(turn(answer_of({kOn, kOn, kOn}), 9 * kMs), Outcome::kGood);  // late, still right
  port.gone = true;
  EXPECT_EQ(exchange.listen(now, port), Outcome::kPortLost);
}

TEST_F(ExchangeTest, an_answer_of_other_servos_is_none) {
  Bytes other = answer_of({kOn, kOn, kOn});
  other[9] = 9;
  std::size_t at = 8;
  for (int i = 0; i < 3; ++i, at += block_size(kReadingWidth)) {
    put_u16(other.data() + at + kReadingWidth + 2, crc16(other.data(), at + kReadingWidth + 2));
  }
  EXPECT_NE(turn(other), Outcome::kGood);
}

TEST_F(ExchangeTest, what_comes_unasked_is_nobodys_answer) {
  EXPECT_EQ(turn(answer_of({kOn, kOn, kOn})), Outcome::kGood);
  port.coming = answer_of({kOff, kOff, kOff});
  EXPECT_EQ(exchange.listen(now, port), Outcome::kNone);
  EXPECT_TRUE(exchange.readings()[0].torque);
}

TEST_F(ExchangeTest, a_full_port_is_tried_again_a_period_later) {
  port.full = true;
  EXPECT_FALSE(exchange.ask(0, port, goals));
  EXPECT_FALSE(exchange.due(3 * kMs));
  EXPECT_TRUE(exchange.due(4 * kMs));
}

TEST(Goals, are_the_command_in_the_servos_units_within_their_limits) {
  const BusConfig config = three();
  const Readings readings{{{true}, {true}, {true}}};
  HardwareCommand command;
  command.torque = true;
  command.left_speed = 100 * kRadPerSecondPerUnit;
  command.right_speed = -1000.0;
  command.joint_position[0] = 512 * kRadPerTick;
  const Goals goals = goals_of(command, config, readings, {200, 210, 220});
  EXPECT_TRUE(goals.torque);
  EXPECT_EQ(goals.value[0], 100);
  EXPECT_EQ(goals.value[1], -210);
  EXPECT_EQ(goals.value[2], 2048 + 512);
}

TEST(Goals, stay_where_the_servo_is_until_it_has_torque_and_for_numbers_that_are_none) {
  const BusConfig config = three();
  HardwareCommand command;
  command.torque = true;
  command.left_speed = command.right_speed = command.joint_position[0] = 1.0;
  Readings readings{{{false, 0, 0, 50, 7}, {false, 0, 0, 50, 8}, {false, 0, 0, 50, 900}}};
  const Goals before = goals_of(command, config, readings, {200, 200, 200});
  EXPECT_EQ(before.value[0], 0);
  EXPECT_EQ(before.value[1], 0);
  EXPECT_EQ(before.value[2], 900);
  for (ServoReading & one : readings) {
    one.torque = true;
  }
  command.left_speed = NAN;
  command.joint_position[0] = INFINITY;
  const Goals odd = goals_of(command, config, readings, {200, 200, 200});
  EXPECT_EQ(odd.value[0], 0);
  EXPECT_NE(odd.value[1], 0);
  EXPECT_EQ(odd.value[2], 900);
}

class BusHealthTest : public ExchangeTest {
 protected:
  void SetUp() override {
    ExchangeTest::SetUp();
    health.start(now);
    goals.torque = true;
  }
  Faults judged(const Bytes & answer) {
    const Outcome outcome = turn(answer);
    return health.judge(outcome, exchange, goals.torque, now);
  }
  const Bytes well = answer_of({kOn, kOn, kOn});
  BusHealth health{config};
};

TEST_F(BusHealthTest, a_lost_answer_now_and_then_is_life) {
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(judged(i % 3 == 0 ? Bytes{} : well).what, 0U) << i;
  }
}

TEST_F(BusHealthTest, silence_is_a_lost_bus) {
  judged(well);
  Faults faults;
  int turns = 0;
  for (; faults.what == 0 && turns < 100; ++turns) {
    faults = judged({});
  }
  EXPECT_EQ(faults.what, kBusLost);
  EXPECT_EQ(faults.who, 7U);
  EXPECT_EQ(turns, 5);  // of 11 ms each, silence being 50 ms
}

TEST_F(BusHealthTest, a_port_that_is_gone_is_a_lost_bus_at_once) {
  EXPECT_EQ(health.judge(Outcome::kPortLost, exchange, true, now).what, kBusLost);
}

TEST_F(BusHealthTest, the_first_servo_that_is_missing_is_named) {
  judged(well);
  Faults faults;
  for (int i = 0; faults.what == 0 && i < 100; ++i) {
    faults = judged(answer_of({kOn, kOn, kOn}, 1));
  }
  EXPECT_EQ(faults.what, kActuatorGone);
  EXPECT_EQ(faults.who, 1U << 1);
}

TEST_F(BusHealthTest, a_third_of_garbled_answers_kept_up_is_a_fault_and_a_tenth_is_not) {
  Bytes wrong = well;
  wrong[30] ^= 1;
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(judged(i % 10 == 0 ? wrong : well).what, 0U) << i;
  }
  Faults faults;
  int turns = 0;
  for (; faults.what == 0 && turns < 100; ++turns) {
    faults = judged(turns % 3 == 0 ? wrong : well);
  }
  EXPECT_EQ(faults.what, kBusGarbled);
}

TEST_F(BusHealthTest, a_hardware_error_is_a_fault_at_once) {
  const Faults faults = judged(answer_of({kOn, kOn, {false, 0x20, 5, 0, 0}}));
  EXPECT_EQ(faults.what & kActuatorOverload, kActuatorOverload);
  EXPECT_EQ(faults.who, 1U << 2);
}

TEST_F(BusHealthTest, a_servo_whose_watchdog_tripped_is_a_fault_at_once) {
  const Faults faults = judged(answer_of({kOn, {true, 0, 0xFF, 0, 0}, kOn}));
  EXPECT_EQ(faults.what, kBusLost);
  EXPECT_EQ(faults.who, 1U << 1);
}

TEST_F(BusHealthTest, a_servo_that_restarted_is_a_fault_at_once) {
  const Faults faults = judged(answer_of({{true, 0, 0, 0, 0}, kOn, kOn}));
  EXPECT_EQ(faults.what, kActuatorRefused);
  EXPECT_EQ(faults.who, 1U);
}

TEST_F(BusHealthTest, torque_that_was_there_and_went_is_a_fault_at_once) {
  EXPECT_EQ(judged(answer_of({kOn, kOff, kOn})).what, 0U);  // not yet
  EXPECT_EQ(judged(well).what, 0U);
  const Faults faults = judged(answer_of({kOn, kOff, kOn}));
  EXPECT_EQ(faults.what, kActuatorRefused);
  EXPECT_EQ(faults.who, 1U << 1);
}

TEST_F(BusHealthTest, torque_that_is_not_as_told_for_long_is_a_fault) {
  Faults faults;
  int turns = 0;
  for (; faults.what == 0 && turns < 100; ++turns) {
    faults = judged(answer_of({kOn, kOff, kOn}));
  }
  EXPECT_EQ(faults.what, kActuatorRefused);
  EXPECT_EQ(faults.who, 1U << 1);
  EXPECT_EQ(turns, 14);  // of 11 ms each, 150 ms being allowed
  health.start(now);
  goals.torque = false;
  for (turns = 0, faults = {}; faults.what == 0 && turns < 100; ++turns) {
    faults = judged(well);
  }
  EXPECT_EQ(faults.what, kActuatorRefused);
  EXPECT_EQ(faults.who, 7U);
}

TEST(FaultWords, say_what_is_wrong_with_whom) {
  EXPECT_EQ(words_of_faults(0, 7), "");
  EXPECT_EQ(words_of_faults(kActuatorGone, 2), "no answer from the right wheel");
  EXPECT_EQ(words_of_faults(kActuatorOverload, 1U | 4U | 8U, {"lift"}),
            "overload, heat or wrong voltage at the left wheel, lift, joint 1");
  EXPECT_NE(words_of_faults(kBusLost | kOverBudget, 0).find("cable"), std::string::npos);
  EXPECT_NE(words_of_faults(kBusLost | kOverBudget, 0).find("too long"), std::string::npos);
}

TEST(TimeBudget, forgives_single_long_times_and_counts_them) {
  TimeBudget budget(100);
  for (int i = 0; i < 1000; ++i) {
    budget.add(i % 5 == 0 ? 1000 : 100);
  }
  EXPECT_FALSE(budget.exceeded());
  EXPECT_EQ(budget.over(), 200U);
}

TEST(TimeBudget, is_exceeded_when_it_is_kept_up_and_recovers) {
  TimeBudget budget(100);
  int cycles = 0;
  for (; !budget.exceeded() && cycles < 1000; ++cycles) {
    budget.add(101);
  }
  EXPECT_EQ(cycles, 25);
  budget.add(100);
  EXPECT_FALSE(budget.exceeded());
}

}  // namespace
}  // namespace care_control::dynamixel

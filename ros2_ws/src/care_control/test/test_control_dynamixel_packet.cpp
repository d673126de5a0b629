// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "care_control/dynamixel/packet.hpp"
#include "care_control/dynamixel/servo.hpp"
#include "care_control/dynamixel/status_parser.hpp"

namespace care_control::dynamixel {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes sent(const Outbox & outbox) {
  return {outbox.data(), outbox.data() + outbox.size()};
}

/// A status packet as a servo sends it.
Bytes status_packet(std::uint8_t id, std::uint8_t error, Bytes data) {
  data.insert(data.begin(), error);
  Outbox outbox;
  outbox.packet(id, Instruction::kStatus, data.data(), data.size());
  return sent(outbox);
}

/// Everything that is found in these bytes: id, error, data.
std::vector<Bytes> parsed(StatusParser & parser, const Bytes & bytes) {
  parser.feed(bytes.data(), bytes.size());
  std::vector<Bytes> all;
  Status status;
  while (parser.next(status)) {
    Bytes one{status.id, status.error};
    one.insert(one.end(), status.data, status.data + status.size);
    all.push_back(one);
  }
  return all;
}

std::vector<Bytes> parsed(const Bytes & bytes) {
  StatusParser parser;
  return parsed(parser, bytes);
}

// The examples of the maker's protocol document.
TEST(Packet, instructions_are_those_of_the_document) {
  Outbox outbox;
  const Ids two{1, 2};
  const Bytes goals{0x96, 0, 0, 0, 0xAA, 0, 0, 0};
  ASSERT_TRUE(outbox.sync_write(116, 4, two.data(), goals.data(), 2));
  EXPECT_EQ(sent(outbox),
            (Bytes{0xFF, 0xFF, 0xFD, 0x00, 0xFE, 0x11, 0x00, 0x83, 0x74, 0x00, 0x04, 0x00,
                   0x01, 0x96, 0x00, 0x00, 0x00, 0x02, 0xAA, 0x00, 0x00, 0x00, 0x82, 0x87}));
  outbox.clear();
  const Ids three{3, 7, 4};
  ASSERT_TRUE(outbox.fast_sync_read(132, 4, three.data(), 3));
  EXPECT_EQ(sent(outbox), (Bytes{0xFF, 0xFF, 0xFD, 0x00, 0xFE, 0x0A, 0x00, 0x8A, 0x84, 0x00, 0x04,
                                 0x00, 0x03, 0x07, 0x04, 0x20, 0xF2}));
}

TEST(Packet, answers_of_the_document_are_understood) {
  const Bytes single{0xFF, 0xFF, 0xFD, 0x00, 0x01, 0x08, 0x00, 0x55,
                     0x00, 0xA6, 0x00, 0x00, 0x00, 0x8C, 0xC0};
  EXPECT_EQ(parsed(single), (std::vector<Bytes>{{1, 0, 0xA6, 0, 0, 0}}));
  const Bytes fast{0xFF, 0xFF, 0xFD, 0x00, 0xFE, 0x19, 0x00, 0x55, 0x00, 0x03, 0xA6,
                   0x00, 0x00, 0x00, 0x84, 0x08, 0x00, 0x07, 0x1F, 0x08, 0x00, 0x00,
                   0x16, 0xCA, 0x00, 0x04, 0xFF, 0x03, 0x00, 0x00, 0xD1, 0x9E};
  EXPECT_EQ(parsed(fast).size(), 1U);
  const Ids ids{3, 7, 4};
  EXPECT_EQ(answered(fast.data(), fast.size(), ids.data(), 3, 4), 3U);
  EXPECT_EQ(answered(fast.data(), 31, ids.data(), 3, 4), 2U);
  EXPECT_EQ(answered(fast.data(), 16, ids.data(), 3, 4), 1U);
  EXPECT_EQ(answered(fast.data(), 15, ids.data(), 3, 4), 0U);
}

TEST(Packet, what_looks_like_a_header_is_stuffed_and_unstuffed) {
  const std::vector<Bytes> bodies{{0xFF, 0xFF, 0xFD},
                                  {0xFF, 0xFF, 0xFD, 0xFD},
                                  {0xFF, 0xFF, 0xFF, 0xFD, 0x00},
                                  {0xFF, 0xFF, 0xFD, 0xFF, 0xFF, 0xFD, 0xFF, 0xFF, 0xFD},
                                  {0xFF, 0xFD, 0xFF, 0xFF}};
  for (const Bytes & body : bodies) {
    const Bytes packet = status_packet(5, 0, body);
    const std::string text(packet.begin() + 4, packet.end());
    EXPECT_EQ(text.find(std::string("\xFF\xFF\xFD\x00", 4)), std::string::npos);
    Bytes expected{5, 0};
    expected.insert(expected.end(), body.begin(), body.end());
    EXPECT_EQ(parsed(packet), std::vector<Bytes>{expected});
  }
  EXPECT_EQ(status_packet(5, 0, bodies[0]).size(), 11U + 3 + 1);
}

TEST(Packet, what_does_not_fit_is_not_begun) {
  Outbox outbox;
  const Bytes much(kMaxPacket, 0xFF);
  EXPECT_FALSE(outbox.write(1, 0, much.data(), much.size()));
  EXPECT_FALSE(outbox.packet(1, Instruction::kWrite, much.data(), much.size()));
  EXPECT_EQ(outbox.size(), 0U);
  while (outbox.write(1, 0, much.data(), 200)) {
  }
  EXPECT_GE(outbox.size(), 2 * 211U);
  EXPECT_LE(outbox.size(), 3 * kMaxPacket);
}

TEST(StatusParser, finds_any_packet_however_it_is_cut) {
  std::mt19937 random(7);
  StatusParser parser;
  for (int round = 0; round < 3000; ++round) {
    Bytes body(random() % 40);
    for (auto & byte : body) {
      byte = random() % 2 == 0 ? 0xFF : random() % 2 == 0 ? 0xFD : 0x00;
    }
    const auto id = static_cast<std::uint8_t>(random() % 253);
    const Bytes packet = status_packet(id, 0x80, body);
    Bytes expected{id, 0x80};
    expected.insert(expected.end(), body.begin(), body.end());
    const std::size_t cut = random() % packet.size();
    const auto middle = packet.begin() + static_cast<std::ptrdiff_t>(cut);
    EXPECT_TRUE(parsed(parser, Bytes(packet.begin(), middle)).empty());
    EXPECT_EQ(parsed(parser, Bytes(middle, packet.end())), std::vector<Bytes>{expected});
  }
  EXPECT_EQ(parser.garbled(), 0U);
  EXPECT_EQ(parser.skipped(), 0U);
}

TEST(StatusParser, refuses_a_packet_with_any_wrong_bit) {
  const Bytes packet = status_packet(1, 0, {1, 2, 3, 4, 5, 6, 7, 8});
  for (std::size_t bit = 0; bit < packet.size() * 8; ++bit) {
    Bytes wrong = packet;
    wrong[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_TRUE(parsed(wrong).empty()) << bit;
  }
}

TEST(StatusParser, finds_a_packet_after_garbage_and_within_a_false_one) {
  const Bytes packet = status_packet(1, 0, {9});
  for (const Bytes & before :
       {Bytes{0x12, 0x34}, Bytes{0xFF}, Bytes{0xFF, 0xFF, 0xFD}, Bytes{0xFF, 0xFF, 0xFF},
        Bytes{0xFF, 0xFF, 0xFD, 0x00, 0x01, 0x05, 0x00, 0x55, 0x00},
        Bytes{0xFF, 0xFF, 0xFD, 0x00, 0x01, 0xFF, 0xFF, 0x55},
        Bytes{0xFF, 0xFF, 0xFD, 0x00, 0x01, 0x03, 0x00, 0x55}}) {
    Bytes all = before;
    all.insert(all.end(), packet.begin(), packet.end());
    EXPECT_EQ(parsed(all), (std::vector<Bytes>{{1, 0, 9}})) << before.size();
  }
  // Instructions are not answers: an adapter may echo what was sent.
  Outbox outbox;
  outbox.ping(1);
  Bytes echoed = sent(outbox);
  echoed.insert(echoed.end(), packet.begin(), packet.end());
  EXPECT_EQ(parsed(echoed), (std::vector<Bytes>{{1, 0, 9}}));
}

TEST(StatusParser, counts_garbled_packets) {
  StatusParser parser;
  Bytes packet = status_packet(1, 0, {9});
  packet.back() ^= 1;
  EXPECT_TRUE(parsed(parser, packet).empty());
  EXPECT_EQ(parser.garbled(), 1U);
}

TEST(StatusParser, drops_the_oldest_when_too_much_comes) {
  StatusParser parser;
  const Bytes packet = status_packet(1, 0, {9});
  Bytes flood(1000, 0xFF);
  flood.insert(flood.end(), packet.begin(), packet.end());
  EXPECT_EQ(parsed(parser, flood), (std::vector<Bytes>{{1, 0, 9}}));
  EXPECT_EQ(parser.rest_size(), 0U);
}

TEST(Servo, speeds_and_positions_come_back_within_their_steps) {
  const ServoConfig wheel{1, ServoMode::kVelocity, -0.5, 0};
  for (const double speed : {-3.0, -0.1, 0.0, 0.02, 2.5}) {
    EXPECT_NEAR(to_speed(wheel, to_units(wheel, speed, 1023)), speed, kRadPerSecondPerUnit / 4);
  }
  EXPECT_LT(to_units(wheel, 1.0, 1023), 0);
  EXPECT_EQ(to_units(wheel, 100.0, 200), -200);
  EXPECT_EQ(to_units(wheel, -100.0, 200), 200);
  const ServoConfig lift{3, ServoMode::kExtendedPosition, 0.01, 2048};
  for (const double height : {0.0, 0.1, 0.45}) {
    EXPECT_NEAR(to_position(lift, to_ticks(lift, height)), height, 0.01 * kRadPerTick / 2);
  }
  EXPECT_EQ(to_ticks(lift, 1e9), 256 * 4096 - 1);
  EXPECT_EQ(to_ticks(lift, -1e9), -(256 * 4096 - 1));
  const ServoConfig pan{4, ServoMode::kPosition, 1.0, 2048};
  EXPECT_EQ(to_ticks(pan, 10.0), 4095);
  EXPECT_EQ(to_ticks(pan, -10.0), 0);
}

TEST(Servo, an_angle_is_counted_on_where_the_position_wraps) {
  const ServoConfig wheel{1};
  AngleCounter counter;
  counter.rebase(INT32_MAX - 10);
  counter.advance(wheel, INT32_MAX);
  counter.advance(wheel, INT32_MIN + 9);
  EXPECT_NEAR(counter.angle(), 20 * kRadPerTick, 1e-12);
  counter.rebase(0);
  counter.advance(wheel, -20);
  EXPECT_NEAR(counter.angle(), 0.0, 1e-12);
}

TEST(Servo, a_configuration_that_cannot_work_is_refused_with_its_cure) {
  BusConfig good;
  good.port = "/dev/ttyUSB0";
  good.servos = {{1}, {2}, {3, ServoMode::kPosition}};
  EXPECT_EQ(fault_of(good), "");
  const auto refused = [&](auto change, const char * word) {
    BusConfig config = good;
    change(config);
    EXPECT_NE(fault_of(config).find(word), std::string::npos) << fault_of(config);
  };
  refused([](BusConfig & c) { c.port.clear(); }, "/dev/serial");
  refused([](BusConfig & c) { c.baud = 12345; }, "1000000");
  refused([](BusConfig & c) { c.servos.resize(1); }, "two servos");
  refused([](BusConfig & c) { c.servos.resize(7, c.servos[2]); }, "at most 4");
  refused([](BusConfig & c) { c.servos[1].id = 1; }, "twice");
  refused([](BusConfig & c) { c.servos[0].id = 253; }, "252");
  refused([](BusConfig & c) { c.servos[0].ratio = 0; }, "ratio");
  refused([](BusConfig & c) { c.servos[0].mode = ServoMode::kPosition; }, "velocity mode");
  refused([](BusConfig & c) { c.servos[2].mode = ServoMode::kVelocity; }, "position mode");
  refused([](BusConfig & c) { c.period = 0; }, "above 0");
  refused([](BusConfig & c) { c.silence = c.answer_timeout; }, "longer");
  refused([](BusConfig & c) { c.watchdog = 3; }, "2.54");
  refused([](BusConfig & c) { c.period = 0.04, c.answer_timeout = 0.045, c.watchdog = 0.08; },
          "one exchange");
}

}  // namespace
}  // namespace care_control::dynamixel

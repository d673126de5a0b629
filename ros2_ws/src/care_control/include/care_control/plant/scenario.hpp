// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>

#include "care_control/core.hpp"
#include "care_control/plant/plant.hpp"

namespace care_control {

/// How the robot moves when a person comes.
enum class Manner : std::uint8_t { kAhead, kArc, kBack, kTurn };
constexpr std::size_t kManners = 4;

/// Where the person comes into the way.
enum class Entry : std::uint8_t {
  kBeyond,  ///< into the path, at the separation distance or farther
  kWithin,  ///< into the path, nearer: no braking could help in all cases
  kBeside,  ///< from beside the path, where things do not slow the base: walls stand there
};
constexpr std::size_t kEntries = 3;

const char * name_of(Manner manner) noexcept;
const char * name_of(Entry entry) noexcept;

/// A robot that moves, and a person who neither looks nor stops.
struct Scenario {
  std::uint64_t seed = 0;
  Entry entry = Entry::kBeyond;
  Manner manner = Manner::kAhead;
  Velocity drive;              ///< that the robot is commanded
  double enters_s = 2.0;       ///< when the person enters, from the first command
  double share = 1.0;          ///< of the separation distance, at which the person enters
  double across = 0.0;         ///< in or beside the path: to the left of its middle [m]
  double person_speed = 1.6;   ///< [m/s]
  double person_radius = 0.2;  ///< [m]
  double lead_s = 0.0;         ///< the person heads for where the robot will be by then,
  double aside = 0.0;          ///< so far to the left of it [m],
  bool pursues = false;        ///< and then follows the robot, else goes straight on
  double grip = 0.8;           ///< of the floor
  bool blind = false;          ///< nothing is seen and nothing asked for: what the sensors are for
  LaserSettings laser;
};

/// All of a scenario by its number.
Scenario drawn(std::uint64_t seed, Entry entry) noexcept;

/// What came of it.
struct Outcome {
  double separation = 0.0;   ///< that the base keeps at its speed when the person enters [m]
  double entry_gap = 0.0;    ///< then [m]
  double entry_speed = 0.0;  ///< of the base, then [m/s]
  /// Smallest distance while the base moved towards the person [m].
  double smallest_gap = std::numeric_limits<double>::infinity();
  bool rested = false;       ///< the base came to rest, before any touch
  double rest_s = 0.0;       ///< from the entry until rest
  bool touched = false;      ///< before the base was at rest
  double touch_speed = 0.0;  ///< of the base's outline towards the person; <= 0: walked into
};

/// The settings of the core in all scenarios: those of the robot, up to 0.8 m/s.
Settings scenario_settings(bool blind = false) noexcept;

/// The way [m] that the base keeps free at a speed [m/s]: the inverse of `separation_speed`.
double separation_distance(double speed, const Settings & settings) noexcept;

/// Play a scenario with core and plant, in cycles of 1 ms as fast as possible.
Outcome play(const Scenario & scenario) noexcept;

}  // namespace care_control

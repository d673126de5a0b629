// SPDX-License-Identifier: Apache-2.0
#include "care_control/plant/scenario.hpp"

#include <algorithm>
#include <cmath>

namespace care_control {
namespace {

constexpr double kDt = 0.001;
constexpr std::int64_t kCycleNs = 1'000'000;
constexpr double kStartS = 0.4;        // until the first scan, and the core is ready
constexpr double kWatchedS = 6.0;      // after the entry
constexpr double kRestS = 0.1;         // of standing that counts as rest
constexpr double kRestLinear = 0.005;  // [m/s]: as the core has it
constexpr double kRestAngular = 0.01;  // [rad/s]
constexpr double kTowards = 0.01;      // [m/s]: slower, the base does not move towards anything
constexpr double kStraight = 1e-6;     // [1/m]
constexpr double kPi = 3.14159265358979323846;
constexpr double kLongestOffset = 2.0;  // [m]: from a person's distance to where on the path
constexpr int kHalvings = 30;
constexpr double kFarAway = 20.0;  // [m]: where a person who walks past ends

/// A place along and across the path that the base is on, in the base's frame.
Point on_path(double along, double across, double curvature) noexcept {
  if (std::abs(curvature) < kStraight) {
    return {along, across};
  }
  const double radius = 1.0 / curvature;
  return {(radius - across) * std::sin(along * curvature),
          radius - (radius - across) * std::cos(along * curvature)};
}

double curvature_of(const Velocity & velocity) noexcept {
  return velocity.linear == 0.0 ? 0.0 : velocity.angular / velocity.linear;
}

Plant plant_of(const Scenario & scenario) noexcept {
  PlantSettings settings;
  settings.laser = scenario.laser;
  Room room;
  room.grip = scenario.grip;
  return Plant(settings, room, scenario.seed);
}

/// Core and plant together, with all that the core watches in order.
class Ride {
 public:
  explicit Ride(const Scenario & scenario) noexcept
      : scenario_(scenario), plant_(plant_of(scenario)), core_(scenario_settings(scenario.blind)) {
    in_.configured = in_.active = true;
    in_.mode = Mode::kAutonomous;
    in_.settings = scenario_settings(scenario.blind);
    in_.estop.readable = true;
  }

  void run(double seconds, const Velocity & command) noexcept {
    for (double s = 0.0; s < seconds; s += kDt) {
      cycle(command);
    }
  }

  void cycle(const Velocity & command) noexcept {
    in_.now_ns += kCycleNs;
    in_.written_ns = in_.estop.received_ns = in_.now_ns;
    in_.autonomous = {command, in_.now_ns};
    if (!scenario_.blind) {
      in_.surroundings = plant_.surroundings();
    }
    plant_.read(in_.now_ns, kDt, in_.hardware);
    out_ = core_.step(kDt, in_);
    plant_.write(in_.now_ns, kDt, out_.command);
  }

  /// Let the person in, by where the base is and how fast it goes now.
  void enter(Outcome & outcome) noexcept {
    const Velocity velocity = plant_.velocity();
    outcome.entry_speed = velocity.linear;
    outcome.separation = separation_distance(std::abs(velocity.linear), in_.settings);
    Walk walk;
    walk.speed = scenario_.person_speed;
    walk.radius = scenario_.person_radius;
    walk.pursues = scenario_.pursues;
    walk.way[0] = on_way(place(outcome.separation * scenario_.share));
    walk.way[1] = aim(velocity, walk.way[0]);
    walk.count = 2;
    plant_.admit(walk);
    outcome.entry_gap = plant_.person().gap;
  }

  const Plant & plant() const noexcept { return plant_; }
  bool stands() const noexcept {
    const Velocity velocity = plant_.velocity();
    return std::abs(velocity.linear) < kRestLinear && std::abs(velocity.angular) < kRestAngular;
  }

 private:
  /// A place on the path that is commanded, or beside it.
  Point on_way(double along) const noexcept {
    return placed(plant_.pose(), on_path(along, scenario_.across, curvature_of(scenario_.drive)));
  }

  /// How far along the path the person enters, to be so far from the base.
  double place(double distance) const noexcept {
    const double direction = scenario_.drive.linear < 0.0 ? -1.0 : 1.0;
    if (scenario_.entry == Entry::kBeside) {
      return direction * distance;
    }
    const double curvature = std::abs(curvature_of(scenario_.drive));
    double low = 0.0;
    double high = std::min(distance + kLongestOffset, 0.9 * kPi / std::max(curvature, kStraight));
    for (int i = 0; i < kHalvings; ++i) {
      const double along = (low + high) / 2;
      const Disc disc{on_way(direction * along), scenario_.person_radius};
      (gap(Footprint{}, plant_.pose(), disc) < distance ? low : high) = along;
    }
    return direction * high;
  }

  /// Where the person walks to.
  Point aim(const Velocity & velocity, const Point & from) const noexcept {
    const Point meeting = placed(plant_.pose(), on_path(velocity.linear * scenario_.lead_s,
                                                        scenario_.aside, curvature_of(velocity)));
    if (scenario_.pursues) {
      return meeting;
    }
    const double distance = std::hypot(meeting.x - from.x, meeting.y - from.y);
    const double farther = distance > 0.0 ? kFarAway / distance : 0.0;
    return {from.x + (meeting.x - from.x) * farther, from.y + (meeting.y - from.y) * farther};
  }

  const Scenario & scenario_;
  Plant plant_;
  Core core_;
  Inputs in_;
  Outputs out_;
};

/// Fastest turn [rad/s] at a speed: within the robot's lateral acceleration, and for a person on
/// the path so that the path leads far enough away before it bends back.
double sharpest_turn(const Scenario & scenario, double speed) noexcept {
  const double lateral = std::min(1.0, scenario_settings().speed.lateral / speed);
  if (scenario.entry == Entry::kBeside) {
    return lateral;
  }
  const double farthest = separation_distance(speed, scenario_settings()) * scenario.share;
  return std::min(lateral, speed / (0.8 * (farthest + 0.5)));
}

void draw_drive(Scenario & scenario, Random & random) noexcept {
  const double speed = random.between(0.2, 0.8);
  const double turn = random.between(-1.0, 1.0);
  switch (scenario.manner) {
    case Manner::kAhead:
      scenario.drive = {speed, 0.0};
      break;
    case Manner::kArc:
      scenario.drive = {speed, turn * sharpest_turn(scenario, speed)};
      break;
    case Manner::kBack:
      scenario.drive = {-random.between(0.1, 0.3), 0.0};
      break;
    case Manner::kTurn:
      scenario.drive = {0.0, turn};
      break;
  }
}

void draw_entry(Scenario & scenario, Random & random) noexcept {
  const SeparationSettings keeps = scenario_settings().separation;
  const double path = keeps.half_width + keeps.side_margin;
  switch (scenario.entry) {
    case Entry::kBeyond:
      scenario.share = random.between(0.0, 1.0) < 0.5 ? 1.0 : random.between(1.0, 1.5);
      scenario.across = random.between(-path, path);
      break;
    case Entry::kWithin:
      scenario.share = random.between(0.1, 1.0);
      scenario.across = random.between(-path, path);
      break;
    case Entry::kBeside:
      scenario.share = random.between(-0.5, 1.5);
      scenario.across = std::copysign(path + scenario.person_radius + random.between(0.0, 2.0),
                                      random.between(-1.0, 1.0));
      break;
  }
}

}  // namespace

const char * name_of(Manner manner) noexcept {
  constexpr std::array<const char *, kManners> kNames = {"ahead", "arc", "back", "turn"};
  return kNames[static_cast<std::size_t>(manner)];
}

const char * name_of(Entry entry) noexcept {
  constexpr std::array<const char *, kEntries> kNames = {"beyond", "within", "beside"};
  return kNames[static_cast<std::size_t>(entry)];
}

Settings scenario_settings(bool blind) noexcept {
  Settings settings;
  settings.speed.linear = 0.8;
  settings.separation.scan_required = !blind;
  return settings;
}

double separation_distance(double speed, const Settings & settings) noexcept {
  return separation_distance(speed, settings.separation.person_speed, settings.protective_linear,
                             settings.separation);
}

Scenario drawn(std::uint64_t seed, Entry entry) noexcept {
  Random random(seed * kEntries + static_cast<std::uint64_t>(entry));
  Scenario scenario;
  scenario.seed = random.bits();
  scenario.entry = entry;
  const double kind = random.unit();
  scenario.manner = kind < 0.5                              ? Manner::kAhead
                    : kind < 0.8                            ? Manner::kArc
                    : kind < 0.9 || entry != Entry::kBeside ? Manner::kBack
                                                            : Manner::kTurn;
  scenario.enters_s = random.between(0.5, 2.5);
  scenario.person_speed = random.between(0.0, 1.0) < 0.3 ? 1.6 : random.between(0.2, 1.6);
  scenario.person_radius = random.between(0.12, 0.3);
  draw_entry(scenario, random);
  draw_drive(scenario, random);
  scenario.lead_s = random.between(0.0, 2.0);
  scenario.aside = random.between(-0.3, 0.3);
  scenario.pursues = random.unit() < 0.5;
  scenario.grip = random.between(0.5, 0.9);
  scenario.laser.period = random.between(0.05, 0.1);  // 10 to 20 Hz
  scenario.laser.delay = random.between(0.005, 0.03);
  scenario.laser.rays = 230;
  return scenario;
}

Outcome play(const Scenario & scenario) noexcept {
  Ride ride(scenario);
  Outcome outcome;
  ride.run(kStartS, {});
  ride.run(scenario.enters_s, scenario.drive);
  ride.enter(outcome);
  double stood_s = 0.0;
  for (double s = 0.0; s < kWatchedS && stood_s < kRestS; s += kDt) {
    ride.cycle(scenario.drive);
    const Nearness person = ride.plant().person();
    stood_s = ride.stands() ? stood_s + kDt : 0.0;
    if (person.approach > kTowards) {
      outcome.smallest_gap = std::min(outcome.smallest_gap, person.gap);
    }
    if (person.gap <= 0.0 && stood_s == 0.0) {
      outcome.touched = true;
      outcome.touch_speed = person.approach;
      return outcome;
    }
    outcome.rest_s = s;
  }
  outcome.rested = stood_s >= kRestS;
  return outcome;
}

}  // namespace care_control

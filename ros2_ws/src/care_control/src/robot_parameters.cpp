// SPDX-License-Identifier: Apache-2.0
#include "care_control/robot_parameters.hpp"

#include <care_rcl/error.hpp>

#include <algorithm>
#include <stdexcept>

#include "care_control/dynamixel/dynamixel_hardware.hpp"
#include "care_control/plant/plant.hpp"

namespace care_control {
namespace {

using care_rcl::ConfigurationError;
using care_rcl::Parameter;
using care_rcl::Parameters;
using Texts = std::vector<std::string>;
using Numbers = std::vector<double>;
using Whole = std::vector<std::int64_t>;

constexpr double kPi = 3.14159265358979323846;

Parameter number(const char * name, double initial, const char * description, const char * unit,
                 double minimum, double maximum) {
  return {name, initial, description, unit, minimum, maximum, {}, false};
}

Parameter plain(const char * name, const care_rcl::ParameterValue & initial,
                const char * description) {
  Parameter parameter;
  parameter.name = name;
  parameter.initial = initial;
  parameter.description = description;
  return parameter;
}

std::vector<Parameter> joint_parameters() {
  const LiftSettings lift;
  return {
      plain("joint_names", Texts{"lift_joint", "head_pan_joint", "head_tilt_joint"},
            "Joints that are moved to positions"),
      plain("joint_lower", Numbers{0.0, -2.6, -0.7}, "Lower limits, m or rad"),
      plain("joint_upper", Numbers{0.45, 2.6, 1.0}, "Upper limits, m or rad"),
      plain("joint_velocity", Numbers{0.08, 1.5, 1.5}, "Largest speeds, m/s or rad/s"),
      plain("joint_acceleration", Numbers{0.2, 3.0, 3.0}, "m/s2 or rad/s2"),
      plain("joint_jerk", Numbers{1.0, 20.0, 20.0}, "m/s3 or rad/s3"),
      plain("joint_following_error", Numbers{0.03, 0.3, 0.3}, "That becomes a fault, m or rad"),
      plain("joint_following_time", Numbers{0.5, 0.5, 0.5}, "How long before it is a fault, s"),
      plain("joint_homing_speed", Numbers{0.0, 0.0, 0.0},
            "Towards the lower end, m/s or rad/s; 0: the actuator knows its place"),
      plain("joint_home", Numbers{0.0, 0.0, 0.0}, "Where simulated joints start, m or rad"),
      plain("lift_joint", std::string("lift_joint"), "Which joint raises the load; empty: none"),
      number("lift_half_base", lift.half_base, "Centre of mass to tipping edge", "m", 0.05, 1.0),
      number("lift_mass_height", lift.mass_height, "Of the centre of mass, lift down", "m", 0.05,
             2.0),
      number("lift_mass_height_up", lift.mass_height_up, "Of the centre of mass, lift up", "m",
             0.05, 2.0),
      number("lift_tip_share", lift.tip_share, "Of the tipping acceleration, in motion", "1", 0.05,
             0.9),
      number("lift_tip_share_stop", lift.tip_share_stop, "Of the same, when stopping", "1", 0.05,
             1.0),
      number("lift_raised_speed", lift.raised_speed, "Of the base, lift fully up", "m/s", 0.0, 1.2),
      number("lift_moving_speed", lift.moving_speed, "Of the base while the lift moves", "m/s", 0.0,
             1.2),
  };
}

std::vector<Parameter> sensor_parameters() {
  const SeparationSettings s;
  const SlipSettings slip;
  return {
      plain("scan_required", s.scan_required, "A missing scan counts as contact all around"),
      plain("laser_place", Numbers{0.25, 0.0, 0.0}, "Of the scanner: x m, y m, yaw rad"),
      number("scan_least_share", 0.5, "Of the rays that must be usable", "1", 0.0, 1.0),
      plain("range_names", Texts{""}, "Range sensors, read on range/<name>; missing ones block"),
      plain("range_x", Numbers{}, "Where they are, ahead of base_footprint, m"),
      plain("range_y", Numbers{}, "To the left of it, m"),
      plain("range_yaw", Numbers{}, "Where they look, counter-clockwise from ahead, rad"),
      number("sensor_timeout", s.sensor_timeout, "Age at which a sensor is blind", "s", 0.02, 2.0),
      number("base_half_length", s.half_length, "Of the base's outline", "m", 0.05, 2.0),
      number("base_half_width", s.half_width, "Of the base's outline", "m", 0.05, 2.0),
      number("side_margin", s.side_margin, "That the path is kept free beside it", "m", 0.0, 1.0),
      number("person_speed", s.person_speed, "At which a person may come nearer", "m/s", 0.0, 3.0),
      number("separation_latency", s.latency, "Of transport, control, drives", "s", 0.0, 1.0),
      number("separation_margin", s.margin, "Sensor error, reach of a hand", "m", 0.0, 1.0),
      number("separation_hysteresis", s.hysteresis, "Gap to open before speeding up", "m", 0.0,
             1.0),
      number("separation_release_time", s.release_time, "Free way before motion", "s", 0.0, 10.0),
      number("creep_speed", s.creep_speed, "Allowed nearer than that, 0: none", "m/s", 0.0, 0.25),
      plain("gyro_required", slip.gyro_required, "Motion needs a gyroscope"),
      number("gyro_timeout", slip.gyro_timeout, "Age at which it is silent", "s", 0.02, 2.0),
      number("slip_yaw_difference", slip.yaw_difference, "Of wheels and gyroscope", "rad/s", 0.02,
             5.0),
      number("slip_time", slip.slip_time, "How long before it is slip", "s", 0.01, 5.0),
      number("slip_fault_time", slip.fault_time, "How long slip may last", "s", 0.05, 30.0),
      number("slip_speed", slip.slip_speed, "Largest speed while slipping", "m/s", 0.0, 1.2),
  };
}

std::vector<Parameter> hardware_parameters() {
  auto hardware = plain("hardware", std::string("simulated"), "What moves the robot");
  hardware.choices = {"simulated", "dynamixel"};
  return {
      hardware,
      number("simulated_wheel_time_constant", 0.03, "Of the simulated wheels", "s", 0.005, 1.0),
      plain("servo_port", std::string("/dev/ttyUSB0"), "Serial port of the servos' bus"),
      plain("servo_baud", std::int64_t{1000000}, "Its speed, 1/s"),
      number("servo_answer_timeout", 0.008, "Until an exchange is given up", "s", 0.001, 0.2),
      number("servo_silence", 0.05, "Until the bus counts as lost", "s", 0.01, 0.5),
      number("servo_watchdog", 0.1, "Until a servo stops by itself", "s", 0.04, 0.6),
      plain("servo_ids", Whole{}, "Left wheel, right wheel, then the joints in order"),
      plain("servo_ratios", Numbers{}, "Wheel or joint per radian of the servo; may be negative"),
      plain("servo_zeros", Whole{}, "Servo's position where the joint is at 0, 1/4096 turn"),
      plain("servo_turns", std::vector<bool>{}, "Joint needs several turns of its servo"),
  };
}

void same_length(std::size_t wanted, std::size_t size, const char * name, const char * of) {
  if (size != wanted) {
    throw ConfigurationError(std::string("The lists ") + of + " and " + name + " differ in length.",
                             "Give each one entry in each of them.");
  }
}

const Numbers & numbers(const Parameters & parameters, const char * name, std::size_t count,
                        const char * of) {
  const auto & values = parameters.value<Numbers>(name);
  same_length(count, values.size(), name, of);
  return values;
}

JointsSettings joints_of(const Parameters & parameters) {
  const auto names = parameters.texts("joint_names");
  if (names.size() > kMaxJoints) {
    throw ConfigurationError("Too many joint_names.",
                             "Name at most " + std::to_string(kMaxJoints) + ".");
  }
  const auto get = [&](const char * name) -> const Numbers & {
    return numbers(parameters, name, names.size(), "joint_names");
  };
  JointsSettings joints;
  joints.count = static_cast<std::uint32_t>(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    joints.joint[i] = {get("joint_lower")[i],          get("joint_upper")[i],
                       get("joint_velocity")[i],       get("joint_acceleration")[i],
                       get("joint_jerk")[i],           get("joint_following_error")[i],
                       get("joint_following_time")[i], get("joint_homing_speed")[i]};
    const JointSettings & joint = joints.joint[i];
    const double home = get("joint_home")[i];
    if (joint.lower >= joint.upper || home < joint.lower || home > joint.upper) {
      throw ConfigurationError("The home of " + names[i] + " is outside of its limits.",
                               "Correct joint_home, joint_lower or joint_upper.");
    }
    if (!(joint.velocity > 0) || !(joint.acceleration > 0) || !(joint.jerk > 0)) {
      throw ConfigurationError("Joint " + names[i] + " cannot move.",
                               "Give it a velocity, an acceleration and a jerk above 0.");
    }
  }
  return joints;
}

LiftSettings lift_of(const Parameters & parameters) {
  const auto get = [&](const char * name) { return parameters.number(name); };
  LiftSettings lift;
  lift.half_base = get("lift_half_base");
  lift.mass_height = get("lift_mass_height");
  lift.mass_height_up = get("lift_mass_height_up");
  lift.tip_share = get("lift_tip_share");
  lift.tip_share_stop = get("lift_tip_share_stop");
  lift.raised_speed = get("lift_raised_speed");
  lift.moving_speed = get("lift_moving_speed");
  const std::string & name = parameters.text("lift_joint");
  if (!name.empty()) {
    const auto joints = parameters.texts("joint_names");
    const auto found = std::find(joints.begin(), joints.end(), name);
    if (found == joints.end()) {
      throw ConfigurationError("lift_joint \"" + name + "\" is none of joint_names.",
                               "Name one of them, or leave it empty.");
    }
    lift.joint = static_cast<std::uint32_t>(found - joints.begin());
    lift.present = true;
  }
  return lift;
}

std::unique_ptr<HardwareInterface> plant_of(const Parameters & parameters,
                                            const Settings & settings) {
  PlantSettings plant;
  plant.drive.time_constant = parameters.number("simulated_wheel_time_constant");
  plant.drive.left_radius = plant.drive.right_radius = settings.speed.wheel_radius;
  plant.drive.half_track = settings.speed.half_track;
  const auto & home = parameters.value<Numbers>("joint_home");
  for (std::size_t i = 0; i < std::min(home.size(), plant.joints.size()); ++i) {
    plant.joints[i].lower = settings.joints.joint[i].lower;
    plant.joints[i].upper = settings.joints.joint[i].upper;
    plant.joints[i].start = home[i];
  }
  return std::make_unique<Plant>(plant, Room{}, 1);
}

Hardware dynamixel_of(const Parameters & parameters) {
  dynamixel::BusConfig bus;
  bus.port = parameters.text("servo_port");
  bus.baud = static_cast<int>(parameters.value<std::int64_t>("servo_baud"));
  bus.answer_timeout = parameters.number("servo_answer_timeout");
  bus.silence = parameters.number("servo_silence");
  bus.watchdog = parameters.number("servo_watchdog");
  const auto & ids = parameters.value<Whole>("servo_ids");
  const auto & zeros = parameters.value<Whole>("servo_zeros");
  const auto & turns = parameters.value<std::vector<bool>>("servo_turns");
  const auto & ratios = numbers(parameters, "servo_ratios", ids.size(), "servo_ids");
  same_length(ids.size(), zeros.size(), "servo_zeros", "servo_ids");
  same_length(ids.size(), turns.size(), "servo_turns", "servo_ids");
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto mode = i < 2      ? dynamixel::ServoMode::kVelocity
                      : turns[i] ? dynamixel::ServoMode::kExtendedPosition
                                 : dynamixel::ServoMode::kPosition;
    bus.servos.push_back({static_cast<std::uint8_t>(std::clamp<std::int64_t>(ids[i], 0, 255)), mode,
                          ratios[i], static_cast<std::int32_t>(zeros[i])});
  }
  try {
    auto servos = std::make_unique<dynamixel::DynamixelHardware>(bus);
    std::string trouble = servos->open();
    return {std::move(servos), false, std::move(trouble)};
  } catch (const std::invalid_argument & error) {
    throw ConfigurationError(std::string("These servos cannot work: ") + error.what(),
                             "Correct the servo_ parameters.");
  }
}

}  // namespace

std::vector<Parameter> robot_parameters() {
  std::vector<Parameter> all = joint_parameters();
  for (auto & group : {sensor_parameters(), hardware_parameters()}) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

void take_robot(const Parameters & parameters, Settings & settings) {
  const auto get = [&](const char * name) { return parameters.number(name); };
  settings.joints = joints_of(parameters);
  settings.lift = lift_of(parameters);
  SeparationSettings & s = settings.separation;
  s.scan_required = parameters.flag("scan_required");
  s.half_length = get("base_half_length");
  s.half_width = get("base_half_width");
  s.side_margin = get("side_margin");
  s.person_speed = get("person_speed");
  s.sensor_timeout = get("sensor_timeout");
  s.latency = get("separation_latency");
  s.margin = get("separation_margin");
  s.hysteresis = get("separation_hysteresis");
  s.release_time = get("separation_release_time");
  s.creep_speed = get("creep_speed");
  settings.slip = {parameters.flag("gyro_required"), get("gyro_timeout"),
                   get("slip_yaw_difference"),       get("slip_time"),
                   get("slip_fault_time"),           get("slip_speed"),
                   get("wheel_following_error"),     get("wheel_following_time")};
}

Names names_of(const Parameters & parameters) {
  return {parameters.texts("joint_names"), parameters.texts("range_names")};
}

SurroundingsIntake intake_of(const Parameters & parameters) {
  const auto & laser = numbers(parameters, "laser_place", 3, "x, y, yaw");
  const auto names = parameters.texts("range_names");
  if (names.size() > kMaxRanges) {
    throw ConfigurationError("Too many range_names.",
                             "Name at most " + std::to_string(kMaxRanges) + ".");
  }
  const auto get = [&](const char * name) -> const Numbers & {
    return numbers(parameters, name, names.size(), "range_names");
  };
  std::vector<SensorPlace> ranges;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const double yaw = get("range_yaw")[i];
    if (yaw < -2 * kPi || yaw > 2 * kPi) {
      throw ConfigurationError("range_yaw is more than a turn.", "Give it in rad.");
    }
    ranges.push_back({get("range_x")[i], get("range_y")[i], yaw});
  }
  return {{laser[0], laser[1], laser[2]},
          parameters.number("scan_least_share"),
          ranges,
          parameters.number("sensor_timeout")};
}

Hardware hardware_of(const Parameters & parameters, const Settings & settings) {
  if (parameters.text("hardware") == "dynamixel") {
    return dynamixel_of(parameters);
  }
  return {plant_of(parameters, settings), true, ""};
}

}  // namespace care_control

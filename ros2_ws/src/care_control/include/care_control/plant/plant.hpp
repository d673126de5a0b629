// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <limits>

#include "care_control/hardware.hpp"
#include "care_control/plant/drive_train.hpp"
#include "care_control/plant/joint_drive.hpp"
#include "care_control/plant/person.hpp"
#include "care_control/plant/random.hpp"
#include "care_control/plant/room.hpp"
#include "care_control/plant/sensors.hpp"

namespace care_control {

/// Lift, pan and tilt.
std::array<JointDriveSettings, 3> robot_joints() noexcept;

/// The robot of urdf/ as the plant has it.
struct PlantSettings {
  DriveSettings drive;
  Footprint footprint;
  double encoder_counts = 4096.0;   ///< of one turn of a wheel
  double speed_resolution = 0.024;  ///< of a wheel's measured speed [rad/s]
  std::array<JointDriveSettings, 3> joints = robot_joints();
  LaserSettings laser;
  RangeSettings ranges;
  GyroSettings gyro;
};

/// What goes wrong, from now on until the next word.
struct Disturbances {
  bool encoders_out = false;
  bool left_blocked = false;  ///< something holds the wheel
  bool right_blocked = false;
  bool laser_out = false;
  bool ranges_out = false;
  bool gyro_out = false;
  double lift_load = 0.0;    ///< [N]
  std::uint32_t faults = 0;  ///< bits of HardwareFault to report
};

/// How near a person is.
struct Nearness {
  double gap = std::numeric_limits<double>::infinity();  ///< to the outline [m]; negative: run into
  double approach = 0.0;  ///< of the outline towards the person [m/s]
};

/// The robot without hardware, in a room with persons.
///
/// Time passes in `write`, by its dt: in the control thread or as fast as possible. The same seed
/// and the same calls give the same bytes. Allocates nothing.
class Plant final : public HardwareInterface {
 public:
  Plant(const PlantSettings & settings, const Room & room, std::uint64_t seed) noexcept;
  Plant(const Plant &) = delete;  // the scene points into it
  Plant & operator=(const Plant &) = delete;

  void read(std::int64_t now_ns, double dt, HardwareState & state) noexcept override;
  void write(std::int64_t now_ns, double dt, const HardwareCommand & command) noexcept override;
  bool sense(Surroundings & surroundings) noexcept override;

  /// What the sensors have reported so far.
  const Surroundings & surroundings() const noexcept { return surroundings_; }

  /// Let a person in. @return false if the room is full.
  bool admit(const Walk & walk) noexcept;
  void disturb(const Disturbances & disturbances) noexcept { disturbances_ = disturbances; }

  // The truth, for tests: no sensor knows it.
  const Pose & pose() const noexcept { return pose_; }
  Velocity velocity() const noexcept { return drive_.velocity(); }
  bool slips() const noexcept { return drive_.slips(); }
  const JointDrive & joint(std::size_t index) const noexcept { return joints_[index]; }
  /// The nearest person.
  Nearness person() const noexcept;
  double wall_gap() const noexcept { return gap(settings_.footprint, pose_, room_); }
  double gyro_bias() const noexcept { return gyroscope_.bias(); }

 private:
  void move_persons(double dt) noexcept;
  void drive(double dt, const HardwareCommand & command) noexcept;
  void advance(double dt) noexcept;
  WheelCommand wheel(double y, double speed, bool blocked,
                     const HardwareCommand & command) noexcept;
  void measure(std::int64_t now_ns, double dt) noexcept;

  PlantSettings settings_;
  Room room_;
  Random random_;
  DriveTrain drive_;
  std::array<JointDrive, 3> joints_;
  std::array<Person, kMaxPersons> persons_{};
  std::uint32_t person_count_ = 0;
  Scene scene_;
  Laser laser_;
  RangeSensors range_sensors_;
  Gyroscope gyroscope_;
  Surroundings surroundings_;
  Disturbances disturbances_;
  Pose pose_;
  double left_angle_ = 0.0;
  double right_angle_ = 0.0;
  double free_way_ = 0.0;  ///< that the base may go before a wall can be touched [m]
};

}  // namespace care_control

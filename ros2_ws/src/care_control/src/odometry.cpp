// SPDX-License-Identifier: Apache-2.0
#include "care_control/odometry.hpp"

#include <cmath>

namespace care_control {
namespace {

constexpr double kTwoPi = 6.283185307179586;
// Variance of a wheel's way, per metre of way: 1 cm standard deviation after 1 m.
constexpr double kVariancePerMetre = 1e-4;

double sinc(double x) noexcept {
  // Below this x^2/6 is under the resolution of a double.
  return std::abs(x) < 1e-8 ? 1.0 : std::sin(x) / x;
}

}  // namespace

void Odometry::update(double left_angle, double right_angle, double dt) noexcept {
  if (!started_) {
    left_ = left_angle;
    right_ = right_angle;
    started_ = true;
    return;
  }
  const double left = (left_angle - left_) * radius_;
  const double right = (right_angle - right_) * radius_;
  left_ = left_angle;
  right_ = right_angle;
  const double distance = (left + right) / 2;
  const double turn = (right - left) / track_;
  const double chord = distance * sinc(turn / 2);
  const double middle_yaw = pose_.yaw + turn / 2;
  grow(left, right, chord, middle_yaw);
  pose_.x += chord * std::cos(middle_yaw);
  pose_.y += chord * std::sin(middle_yaw);
  pose_.yaw = std::remainder(pose_.yaw + turn, kTwoPi);
  velocity_ = {distance / dt, turn / dt};
}

void Odometry::grow(double left, double right, double distance, double middle_yaw) noexcept {
  const double c = std::cos(middle_yaw);
  const double s = std::sin(middle_yaw);
  // P = F P F' + G Q G' with F = [1 0 fx; 0 1 fy; 0 0 1], G the derivative by both wheels' ways.
  const double fx = -distance * s;
  const double fy = distance * c;
  auto & p = covariance_;
  const double xx = p[0] + 2 * fx * p[2] + fx * fx * p[8];
  const double xy = p[1] + fx * p[5] + fy * p[2] + fx * fy * p[8];
  const double yy = p[4] + 2 * fy * p[5] + fy * fy * p[8];
  const double xt = p[2] + fx * p[8];
  const double yt = p[5] + fy * p[8];
  const double tt = p[8];
  const double gx[2] = {c / 2 + distance * s / (2 * track_), c / 2 - distance * s / (2 * track_)};
  const double gy[2] = {s / 2 - distance * c / (2 * track_), s / 2 + distance * c / (2 * track_)};
  const double gt[2] = {-1 / track_, 1 / track_};
  const double q[2] = {kVariancePerMetre * std::abs(left), kVariancePerMetre * std::abs(right)};
  double add[6] = {};
  for (int i = 0; i < 2; ++i) {
    add[0] += gx[i] * gx[i] * q[i];
    add[1] += gx[i] * gy[i] * q[i];
    add[2] += gx[i] * gt[i] * q[i];
    add[3] += gy[i] * gy[i] * q[i];
    add[4] += gy[i] * gt[i] * q[i];
    add[5] += gt[i] * gt[i] * q[i];
  }
  p = {xx + add[0], xy + add[1], xt + add[2], xy + add[1], yy + add[3],
       yt + add[4], xt + add[2], yt + add[4], tt + add[5]};
}

}  // namespace care_control

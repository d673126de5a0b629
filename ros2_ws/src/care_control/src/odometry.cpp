// SPDX-License-Identifier: Apache-2.0
#include "care_control/odometry.hpp"

#include <cmath>

namespace care_control {
namespace {

constexpr double kTwoPi = 6.283185307179586;
double sinc(double x) noexcept {
  // Below this x^2/6 is under the resolution of a double.
  return std::abs(x) < 1e-8 ? 1.0 : std::sin(x) / x;
}

}  // namespace

double Odometry::turned(double from, double to) const noexcept {
  const double way = to - from;
  return settings_.encoder_span > 0.0 ? std::remainder(way, settings_.encoder_span) : way;
}

void Odometry::update(double left_angle, double right_angle, double dt, double doubt) noexcept {
  if (!started_) {
    left_ = left_angle;
    right_ = right_angle;
    started_ = true;
    return;
  }
  const double radius = settings_.wheel_radius;
  const Way way{turned(left_, left_angle) * radius * settings_.left_scale,
                turned(right_, right_angle) * radius * settings_.right_scale, dt};
  left_ = left_angle;
  right_ = right_angle;
  const double turn = (way.right - way.left) / track();
  const double chord = (way.left + way.right) / 2 * sinc(turn / 2);
  const double middle_yaw = pose_.yaw + turn / 2;
  grow(way, chord, middle_yaw, doubt);
  average(way, doubt);
  pose_.x += chord * std::cos(middle_yaw);
  pose_.y += chord * std::sin(middle_yaw);
  pose_.yaw = std::remainder(pose_.yaw + turn, kTwoPi);
}

void Odometry::average(const Way & way, double doubt) noexcept {
  newest_ = (newest_ + 1) % kWindow;
  ways_[newest_] = way;
  Way sum;
  for (const Way & one : ways_) {
    sum.left += one.left;
    sum.right += one.right;
    sum.dt += one.dt;
  }
  velocity_ = {(sum.left + sum.right) / 2 / sum.dt, (sum.right - sum.left) / track() / sum.dt};
  const double factor = settings_.variance * doubt / (sum.dt * sum.dt);
  const double left = factor * std::abs(sum.left);
  const double right = factor * std::abs(sum.right);
  const double across = (right - left) / 2 / track();
  velocity_covariance_ = {(left + right) / 4, across, across, (left + right) / (track() * track())};
}

void Odometry::grow(const Way & way, double distance, double middle_yaw, double doubt) noexcept {
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
  const double gx[2] = {c / 2 + distance * s / (2 * track()), c / 2 - distance * s / (2 * track())};
  const double gy[2] = {s / 2 - distance * c / (2 * track()), s / 2 + distance * c / (2 * track())};
  const double gt[2] = {-1 / track(), 1 / track()};
  const double variance = settings_.variance * doubt;
  const double q[2] = {variance * std::abs(way.left), variance * std::abs(way.right)};
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

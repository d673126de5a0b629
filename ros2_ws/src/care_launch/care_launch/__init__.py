# SPDX-License-Identifier: Apache-2.0
"""Runs launch XML where `ros2 launch` is not installed.

What is understood is the part of launch XML that Nightingale uses, and it means what it means to
launch 3.4 and launch_ros 0.26 (ROS 2 Jazzy). Whatever else stands in a file is refused, with its
file and line, so that a file accepted here runs the same under the real `ros2 launch`.
"""

# SPDX-License-Identifier: Apache-2.0
"""What the camera sees: objects and persons with their tracks, and the view that hides persons."""

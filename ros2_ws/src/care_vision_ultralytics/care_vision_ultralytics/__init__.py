# SPDX-License-Identifier: AGPL-3.0-or-later
"""What imports ultralytics: a reference detector, and the export of models."""

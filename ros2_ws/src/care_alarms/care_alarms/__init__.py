# SPDX-License-Identifier: Apache-2.0
"""Ward state and alarms: who lies where, which limits hold, what needs a person now."""

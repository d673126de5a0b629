# SPDX-License-Identifier: Apache-2.0
"""A node for the tests of the supervisor; parameters make it refuse or hang."""

import time
from typing import Any

from care_node.errors import ConfigurationError
from care_node.node import CareNode, run
from care_node.parameters import Parameter

PARAMETERS = (
    Parameter('refuse', False, 'Refuse to be configured'),
    Parameter('hang_after_s', 0.0, 'Hang this long after activation; 0 never', unit='s'),
)


class PatientNode(CareNode):
    """Does nothing, or what its parameters say."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('patient', PARAMETERS, **kwargs)

    def configure(self) -> None:
        if self.value('refuse'):
            raise ConfigurationError(cause='There is no bed.', cure='Bring one.')
        if self.value('hang_after_s'):
            self.every(self.value('hang_after_s'), self._hang)

    def _hang(self) -> None:
        time.sleep(600)


if __name__ == '__main__':
    run(PatientNode)

# SPDX-License-Identifier: Apache-2.0
"""Mend what the ROS 2 wheels carry over from the machine they were built on.

Everything here may be done again on what is already mended.
"""

import re
import subprocess
from pathlib import Path

# Part of the stage's key: raise it when something below changes.
VERSION = '1'

_NUMPY = re.compile(r'/opt/python/cp3\d+-cp3\d+/lib/python3\.\d+/site-packages/numpy/_core/include')
_PYTHON = re.compile(r'/opt/python/cp3\d+-cp3\d+/include/python3\.\d+')
# Libraries of the build machine, which the wheels carry under other names in ros_*.libs.
_FOREIGN = re.compile(r';?/usr/lib64/lib(tinyxml2|ssl|crypto)\.so|\blttng-ust;')
# Their Py* symbols are supplied by nobody in a C++ process, which therefore would not start.
_LIBRARIES = ('librcl.so', 'librcl_action.so', 'librcl_lifecycle.so')
_PYTHON_LIBRARY = re.compile(r'^lib\w+__rosidl_generator_py\.so$')


def mend_text(text: str, python_include: str, numpy_include: str) -> str:
    """Return an exported CMake file with the header folders of this machine."""
    text = _NUMPY.sub(numpy_include, text)
    text = _PYTHON.sub(python_include, text)
    return _FOREIGN.sub('', text)


def mend_exports(prefix: Path, python_include: str, numpy_include: str) -> int:
    """Mend the CMake exports under prefix/share; returns how many were changed."""
    changed = 0
    for path in prefix.glob('share/*/cmake/*.cmake'):
        old = path.read_text()
        new = mend_text(old, python_include, numpy_include)
        if new != old:
            path.write_text(new)
            changed += 1
    return changed


def unwanted_needs(listed: str) -> list[str]:
    """Pick the Python libraries out of what patchelf --print-needed lists."""
    return [name for name in listed.split() if _PYTHON_LIBRARY.match(name)]


def mend_libraries(prefix: Path) -> None:
    """Free the C libraries of ROS from needing Python's."""
    patchelf = prefix / 'bin' / 'patchelf'
    for library in (prefix / 'lib' / name for name in _LIBRARIES):
        command = [str(patchelf), '--print-needed', str(library)]
        listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        for name in unwanted_needs(listed):
            subprocess.run([str(patchelf), '--remove-needed', name, str(library)], check=True)

# SPDX-License-Identifier: Apache-2.0
"""The environment variables that everything of ours runs with."""

from collections.abc import Mapping

from care_cli.layout import Layout, python_folder

DEFAULT_DOMAIN = '77'
# The first would point Python elsewhere, without bytecode every start would take seconds longer.
_UNWANTED = ('PYTHONHOME', 'PYTHONDONTWRITEBYTECODE')


def _joined(parts: list[str], inherited: str) -> str:
    return ':'.join(
        [*parts, *(part for part in inherited.split(':') if part and part not in parts)]
    )


def run_environment(layout: Layout, base: Mapping[str, str]) -> dict[str, str]:
    """Return base with all that finds the environment, the workspace and ROS 2.

    What a sourced distribution has put on the search paths is kept, after our own.
    """
    env = {name: value for name, value in base.items() if name not in _UNWANTED}
    install = str(layout.install)
    prefixes = [install]
    libraries = [f'{install}/lib']
    if not layout.distribution:
        prefixes.append(str(layout.venv))
        wheel_libraries = sorted(layout.site_packages.glob('ros_*.libs'))
        libraries += [str(layout.venv / 'lib'), *map(str, wheel_libraries)]
        # LD_LIBRARY_PATH is right already: spares every Python a second start.
        env['_ROS_WHEELS_BOOTSTRAP_COMPLETE'] = '1'
    inherited = base if layout.distribution else {}
    env['AMENT_PREFIX_PATH'] = _joined(prefixes, inherited.get('AMENT_PREFIX_PATH', ''))
    env['CMAKE_PREFIX_PATH'] = _joined(prefixes, inherited.get('CMAKE_PREFIX_PATH', ''))
    env['LD_LIBRARY_PATH'] = _joined(libraries, inherited.get('LD_LIBRARY_PATH', ''))
    packages = [f'{install}/lib/{python_folder()}/site-packages']
    env['PYTHONPATH'] = _joined(packages, inherited.get('PYTHONPATH', ''))
    env['VIRTUAL_ENV'] = str(layout.venv)
    env['PATH'] = _joined([f'{layout.venv}/bin'], base.get('PATH', ''))
    env.update(_fixed(layout))
    for name, value in _defaults(layout).items():
        env.setdefault(name, value)
    return env


def _fixed(layout: Layout) -> dict[str, str]:
    """Return what holds whatever the caller has set."""
    return {
        'PYTHONNOUSERSITE': '1',
        'PYTHONUNBUFFERED': '1',
        'NIGHTINGALE_REPO': str(layout.repo),
        'NIGHTINGALE_STATE_DIR': str(layout.state),
    }


def _defaults(layout: Layout) -> dict[str, str]:
    """Return what the caller may set otherwise."""
    return {
        'ROS_DOMAIN_ID': DEFAULT_DOMAIN,
        # DDS stays on this machine; opening it is a deliberate act.
        'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
        'ROS_LOG_DIR': str(layout.logs / 'ros'),
        'RCUTILS_CONSOLE_OUTPUT_FORMAT': '[{severity}] [{time}] [{name}]: {message}',
        # The arrays of a node are small: threads would cost more than they bring.
        'OPENBLAS_NUM_THREADS': '1',
        'OMP_NUM_THREADS': '1',
    }

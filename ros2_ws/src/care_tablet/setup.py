# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

from setuptools import find_packages, setup

package_name = 'care_tablet'


def built_pages():
    """Return the built pages as data files, one entry a folder; none before they are built."""
    root = Path('web', 'dist')
    folders = sorted({path.parent for path in root.rglob('*') if path.is_file()})
    return [
        (
            str(Path('share', package_name, 'web', folder.relative_to(root))),
            [str(path) for path in sorted(folder.iterdir()) if path.is_file()],
        )
        for folder in folders
    ]


setup(
    name=package_name,
    version='0.1.0',
    packages=find_packages(exclude=['test', 'web', 'web.*']),
    package_data={package_name: ['py.typed']},
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/' + package_name]),
        ('share/' + package_name, ['package.xml']),
        *built_pages(),
    ],
    install_requires=['setuptools'],
    zip_safe=True,
    maintainer='Nightingale maintainers',
    maintainer_email='maintainers@nightingale-care.org',
    description="Web gateway and nurses' pages",
    license='Apache-2.0',
    entry_points={
        'console_scripts': [
            'tablet_node = care_tablet.node:main',
            'users = care_tablet.users:main',
        ]
    },
)

# SPDX-License-Identifier: AGPL-3.0-or-later
from setuptools import find_packages, setup

package_name = 'care_vision_ultralytics'

setup(
    name=package_name,
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    package_data={package_name: ['py.typed']},
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/' + package_name]),
        ('share/' + package_name, ['package.xml', 'LICENSE']),
    ],
    install_requires=['setuptools'],
    zip_safe=True,
    maintainer='Nightingale maintainers',
    maintainer_email='maintainers@nightingale-care.org',
    description='Detection through ultralytics, and export of its models',
    license='AGPL-3.0-or-later',
    entry_points={'console_scripts': ['vision_node = care_vision_ultralytics.node:main']},
)

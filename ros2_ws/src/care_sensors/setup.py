# SPDX-License-Identifier: Apache-2.0
from setuptools import find_packages, setup

package_name = 'care_sensors'

setup(
    name=package_name,
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    package_data={package_name: ['py.typed']},
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/' + package_name]),
        ('share/' + package_name, ['package.xml']),
    ],
    install_requires=['setuptools'],
    zip_safe=True,
    maintainer='Nightingale maintainers',
    maintainer_email='maintainers@nightingale-care.org',
    description='Recordings and vital-sign front ends as waveforms of a bed, and the camera',
    license='Apache-2.0',
    entry_points={
        'console_scripts': [
            'camera_node = care_sensors.camera_node:main',
            'recording_node = care_sensors.node:main',
        ]
    },
)

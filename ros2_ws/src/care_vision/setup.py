# SPDX-License-Identifier: Apache-2.0
from setuptools import find_packages, setup

package_name = 'care_vision'

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
    description='What the camera sees, tracked; the view in which persons are hidden',
    license='Apache-2.0',
    entry_points={'console_scripts': ['vision_node = care_vision.node:main']},
)

# SPDX-License-Identifier: AGPL-3.0-or-later
from setuptools import find_packages, setup

package_name = 'care_peripherals'

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
    description='Light bar, sound, drawer locks, nurse call and emergency-stop sense',
    license='AGPL-3.0-or-later',
    entry_points={'console_scripts': ['peripherals_node = care_peripherals.node:main']},
)

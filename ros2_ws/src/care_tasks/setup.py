# SPDX-License-Identifier: Apache-2.0
from setuptools import find_packages, setup

package_name = 'care_tasks'

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
    description='Nurse commands become robot tasks, or plain refusals',
    license='Apache-2.0',
    entry_points={'console_scripts': ['tasks_node = care_tasks.node:main']},
)

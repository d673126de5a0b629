# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest
from care_cli import mend
from care_cli.layout import Layout
from care_cli.lock import accepted_hashes, fits, python_marker, render
from care_cli.stages import Stage, read_stamp, tree_key
from care_cli.workspace import _forget, compiled_below, find_packages, package_keys


def counting_stage(tmp_path: Path, key: str, done: list[str]) -> Stage:
    return Stage('a', tmp_path / 'product' / '.stamp', key, lambda: done.append(key))


def test_a_step_is_done_once_and_again_when_its_key_changes(tmp_path):
    done: list[str] = []
    assert counting_stage(tmp_path, 'k1', done).ensure()
    assert not counting_stage(tmp_path, 'k1', done).ensure()
    assert counting_stage(tmp_path, 'k2', done).ensure()
    assert done == ['k1', 'k2']


def test_a_step_that_was_stopped_half_way_is_done_again(tmp_path):
    done: list[str] = []
    counting_stage(tmp_path, 'k1', done).ensure()

    def stopped() -> None:
        raise KeyboardInterrupt

    stage = Stage('a', tmp_path / 'product' / '.stamp', 'k2', stopped)
    with pytest.raises(KeyboardInterrupt):
        stage.ensure()
    assert not stage.done()
    assert counting_stage(tmp_path, 'k1', done).ensure(), 'the old stamp must not stand either'


def test_deleting_the_product_forgets_the_step(tmp_path):
    done: list[str] = []
    stage = counting_stage(tmp_path, 'k1', done)
    stage.ensure()
    stage.stamp.unlink()
    stage.stamp.parent.rmdir()
    assert stage.ensure()


def test_the_key_of_a_tree_follows_content_name_and_mode_but_not_caches(tmp_path):
    tree = tmp_path / 'tree'
    tree.mkdir()
    file = tree / 'a.py'
    file.write_text('1')
    keys = [tree_key([tree], tmp_path)]
    file.write_text('2')
    keys.append(tree_key([tree], tmp_path))
    file.chmod(0o755)
    keys.append(tree_key([tree], tmp_path))
    file.rename(tree / 'b.py')
    keys.append(tree_key([tree], tmp_path))
    assert len(set(keys)) == 4
    for ignored in ('__pycache__', 'node_modules', 'dist'):
        (tree / ignored).mkdir()
        (tree / ignored / 'x').write_text('x')
    assert tree_key([tree], tmp_path, frozenset({'dist'})) == keys[-1]


def write_package(layout: Layout, name: str, kind: str, depends: list[str]) -> Path:
    folder = layout.workspace / 'src' / name
    folder.mkdir(parents=True)
    lines = ''.join(f'<depend>{one}</depend>' for one in depends)
    export = f'<export><build_type>{kind}</build_type></export>'
    (folder / 'package.xml').write_text(f'<package><name>{name}</name>{lines}{export}</package>')
    return folder


@pytest.fixture
def workspace(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path, tmp_path / '.state')
    write_package(layout, 'msgs', 'ament_cmake', ['std_msgs'])
    write_package(layout, 'base', 'ament_python', ['msgs'])
    write_package(layout, 'vitals', 'ament_python', ['base'])
    write_package(layout, 'bringup', 'ament_cmake', [])
    return layout


def changed(layout: Layout, before: dict[str, str]) -> set[str]:
    after = package_keys(find_packages(layout, {}), layout.repo, 'env')
    return {name for name in after if after[name] != before.get(name)}


def test_changing_one_python_package_rebuilds_just_that_one(workspace):
    before = package_keys(find_packages(workspace, {}), workspace.repo, 'env')
    (workspace.workspace / 'src' / 'base' / 'node.py').write_text('x')
    assert changed(workspace, before) == {'base'}


def test_changing_the_messages_rebuilds_all_above(workspace):
    before = package_keys(find_packages(workspace, {}), workspace.repo, 'env')
    (workspace.workspace / 'src' / 'msgs' / 'A.msg').write_text('x')
    assert changed(workspace, before) == {'msgs', 'base', 'vitals'}


def test_changing_a_test_rebuilds_nothing(workspace):
    before = package_keys(find_packages(workspace, {}), workspace.repo, 'env')
    tests = workspace.workspace / 'src' / 'base' / 'test'
    tests.mkdir()
    (tests / 'test_base.py').write_text('x')
    assert changed(workspace, before) == set()


def test_another_environment_rebuilds_everything(workspace):
    packages = find_packages(workspace, {})
    one = package_keys(packages, workspace.repo, 'env')
    other = package_keys(packages, workspace.repo, 'other')
    assert all(one[name] != other[name] for name in packages)


def test_a_package_that_installs_folders_of_the_repository_follows_them(workspace):
    recipe = workspace.workspace / 'src' / 'bringup' / 'CMakeLists.txt'
    recipe.write_text('install(DIRECTORY ../../../launch ../../../params)')
    (workspace.repo / 'launch').mkdir()
    before = package_keys(find_packages(workspace, {}), workspace.repo, 'env')
    (workspace.repo / 'launch' / 'care.launch.xml').write_text('<launch/>')
    assert changed(workspace, before) == {'bringup'}


def test_only_compiled_packages_count_as_below(workspace):
    assert compiled_below(find_packages(workspace, {}), 'vitals') == ['msgs']


def test_packages_that_a_distribution_brings_are_left_out(workspace, tmp_path):
    folder = workspace.workspace / 'src' / 'interfaces' / 'tf2_msgs'
    folder.mkdir(parents=True)
    (folder / 'package.xml').write_text('<package><name>tf2_msgs</name></package>')
    assert 'tf2_msgs' in find_packages(workspace, {})
    (tmp_path / 'ros' / 'share' / 'tf2_msgs').mkdir(parents=True)
    assert 'tf2_msgs' not in find_packages(workspace, {'AMENT_PREFIX_PATH': f'{tmp_path}/ros'})


def test_a_module_that_was_removed_does_not_live_on_in_the_install_space(workspace, tmp_path):
    installed = workspace.install / 'lib' / 'base' / 'gone.py'
    installed.parent.mkdir(parents=True)
    installed.touch()
    outside = tmp_path / 'outside.py'
    outside.touch()
    record = workspace.workspace / 'build' / 'base' / 'install.log'
    record.parent.mkdir(parents=True)
    record.write_text(f'{installed}\n{outside}\n')
    _forget(workspace, [find_packages(workspace, {})['base']])
    assert not installed.exists()
    assert outside.exists()
    assert not record.exists()


def test_mending_the_exports_uses_this_machines_headers_and_may_be_done_twice(tmp_path):
    foreign = (
        'set(a "/opt/python/cp311-cp311/include/python3.11;'
        '/opt/python/cp311-cp311/lib/python3.11/site-packages/numpy/_core/include")\n'
        'set(b "fastcdr;/usr/lib64/libtinyxml2.so")\nset(c "lttng-ust;dl")\n'
    )
    export = tmp_path / 'share' / 'p' / 'cmake' / 'pExport.cmake'
    export.parent.mkdir(parents=True)
    export.write_text(foreign)
    assert mend.mend_exports(tmp_path, '/inc', '/np') == 1
    assert export.read_text() == 'set(a "/inc;/np")\nset(b "fastcdr")\nset(c "dl")\n'
    assert mend.mend_exports(tmp_path, '/inc', '/np') == 0


def test_only_the_python_libraries_are_taken_from_what_librcl_needs():
    listed = 'librcutils.so\nlibrcl_interfaces__rosidl_generator_py.so\nlibc.so.6\n'
    assert mend.unwanted_needs(listed) == ['librcl_interfaces__rosidl_generator_py.so']


@pytest.mark.parametrize(
    ('wheel', 'expected'),
    [
        ('a-1-py3-none-any.whl', True),
        ('a-1-py2.py3-none-any.whl', True),
        ('a-1-cp311-cp311-manylinux_2_28_x86_64.whl', True),
        ('a-1-cp312-cp312-manylinux2014_x86_64.manylinux_2_17_x86_64.whl', True),
        ('a-1-cp39-abi3-manylinux_2_28_x86_64.whl', True),
        ('a-1-cp313-abi3-manylinux_2_28_x86_64.whl', False),
        ('a-1-cp310-cp310-manylinux_2_28_x86_64.whl', False),
        ('a-1-cp311-cp311-manylinux_2_28_aarch64.whl', False),
        ('a-1-cp311-cp311-musllinux_1_2_x86_64.whl', False),
        ('a-1-cp311-cp311-win_amd64.whl', False),
    ],
)
def test_a_lock_lists_only_wheels_that_can_be_installed_here(wheel, expected):
    assert fits(wheel) is expected


def test_a_lock_has_exact_versions_and_hashes_and_names_no_index():
    wheel = {'url': 'https://index/a-1-py3-none-any.whl', 'hashes': {'sha256': 'aa'}}
    archive = {'url': 'https://index/a-1.tar.gz', 'hashes': {'sha256': 'bb'}}
    package = {'name': 'a', 'version': '1', 'wheels': [wheel], 'sdist': archive}
    assert accepted_hashes(package) == ['aa']
    assert accepted_hashes({'name': 'a', 'sdist': archive}) == ['bb']
    assert render({'packages': [package]}) == 'a==1 \\\n    --hash=sha256:aa\n'


def test_a_lock_keeps_what_tells_the_pythons_apart():
    marker = "python_full_version == '3.11.*' and sys_platform == 'linux'"
    assert python_marker(marker) == ' ; python_version == "3.11"'
    assert python_marker("python_full_version >= '3.11' and sys_platform == 'linux'") == ''


def test_every_committed_lock_pins_each_distribution_with_a_hash():
    for lock in (Path(__file__).resolve().parents[2] / 'requirements').glob('*.lock'):
        entries = [one for one in lock.read_text().split('\n') if one and one[0] not in '# ']
        assert entries
        assert all('==' in entry and entry.endswith('\\') for entry in entries), lock.name
        assert '://' not in lock.read_text()


def test_an_unreadable_stamp_counts_as_none(tmp_path):
    assert read_stamp(tmp_path / 'none') == ''

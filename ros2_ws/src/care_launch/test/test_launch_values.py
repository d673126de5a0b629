# SPDX-License-Identifier: Apache-2.0
import pytest
from care_launch.errors import LaunchError, Place
from care_launch.scope import Context, Scope
from care_launch.values import parameter_value, set_parameter_value

HERE = Place('a.launch.xml', 7)


@pytest.fixture
def context():
    variables = {'n': '3', 'beds': '[1, 2]', 'word': 'ward', 'on': 'true', 'empty': '', 'x': '1e3'}
    return Context(Scope(variables, {}))


@pytest.mark.parametrize(
    ('text', 'kind', 'expected'),
    [
        ('1', 'yaml', 1),
        ('1.0', 'yaml', 1.0),
        ('on', 'yaml', True),
        ('word', 'yaml', 'word'),
        ('', 'yaml', ''),
        ("'1'", 'yaml', '1'),
        ('[1, 2]', 'yaml', [1, 2]),
        ("['a b', c]", 'yaml', ['a b', 'c']),
        ('[1.0, 2.5]', 'yaml', [1.0, 2.5]),
        ('[]', 'yaml', []),
        ('@home', 'yaml', '@home'),
        ('$(var n)', 'yaml', 3),
        ('$(var word)_$(var n)', 'yaml', 'ward_3'),
        ('$(var beds)', 'yaml', [1, 2]),
        ('$(var empty)', 'yaml', ''),
        ('[$(var n), 4]', 'yaml', [3, 4]),
        ('[$(var word), other]', 'yaml', ['ward', 'other']),
        ("'$(var n)'", 'yaml', 3),
        ('1', 'str', '1'),
        ('on', 'str', 'on'),
        ('$(var n)', 'str', '3'),
        ('<robot name="a: b"/>', 'str', '<robot name="a: b"/>'),
        ('7', 'int', 7),
        ('$(var n)', 'int', 3),
        ('1', 'float', 1.0),
        ('$(var x)', 'float', 1000.0),
        ('1', 'bool', True),
        ('no', 'bool', False),
        ('$(var on)', 'bool', True),
        ('[1, 2]', 'list_of_int', [1, 2]),
        ('[$(var n), 2]', 'list_of_int', [3, 2]),
        ('[1.0, 2.0]', 'list_of_float', [1.0, 2.0]),
        ('[a, $(var n)]', 'list_of_str', ['a', '3']),
        ('[true, false]', 'list_of_bool', [True, False]),
    ],
)
def test_value_has_the_type_that_launch_gives_it(context, text, kind, expected):
    value = parameter_value(text, kind, context, HERE)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ('text', 'kind'),
    [
        ('1.5', 'int'),
        ('word', 'int'),
        ('$(var word)', 'float'),
        ('2', 'bool'),
        ('$(var word)', 'bool'),
        ('null', 'yaml'),
        ('a: b', 'yaml'),
        ('2026-01-01', 'yaml'),
        ('[1, a]', 'yaml'),
        ('[1, 2.0]', 'yaml'),
        ('[[1], [2]]', 'yaml'),
        ('[1, true]', 'list_of_int'),
        ('[1, 2]', 'list_of_float'),
        ('[1, 2]', 'list_of_str'),
        ('1', 'list_of_int'),
        ('', 'list_of_str'),
        ('$(var beds)', 'list_of_int'),
        ('1', 'integer'),
    ],
)
def test_value_that_does_not_fit_is_refused_with_its_place(context, text, kind):
    with pytest.raises(LaunchError) as caught:
        parameter_value(text, kind, context, HERE)
    assert str(caught.value).startswith('a.launch.xml:7: ')
    assert caught.value.cure


@pytest.mark.parametrize(
    ('text', 'expected'), [('true', True), ('2', 2), ('0.5', 0.5), ('word', 'word'), ('', '')]
)
def test_set_parameter_reads_single_values(text, expected):
    assert set_parameter_value(text, HERE) == expected


@pytest.mark.parametrize('text', ['[1, 2]', 'a: b', 'null', '[1'])
def test_set_parameter_refuses_what_upstream_cannot_pass(text):
    with pytest.raises(LaunchError, match='set_parameter cannot carry'):
        set_parameter_value(text, HERE)

# SPDX-License-Identifier: Apache-2.0
import re

import pytest
from care_launch.errors import LaunchError, Place
from care_launch.scope import Context, Scope

HERE = Place('a.launch.xml', 7)


@pytest.fixture
def context(prefix):
    scope = Scope(
        {'ward': 'west', 'n': '3', 'name': 'ward', 'space': 'a b', 'yes': 'true', 'empty': ''},
        {'AMENT_PREFIX_PATH': f'/nowhere:{prefix}', 'HOME': '/home/nurse', 'PATH': '/usr/bin:/bin'},
    )
    return Context(scope, '/opt/launch')


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ('', ''),
        ('plain text', 'plain text'),
        ('$(var ward)', 'west'),
        ('/$(var ward)/bed_$(var n)', '/west/bed_3'),
        ('$(var $(var name))', 'west'),
        ('$(var missing other)', 'other'),
        ('$(var missing $(var n))', '3'),
        ('$(var ward $(var missing))', 'west'),
        ("$(var missing 'two words')", 'two words'),
        ('$(var missing "two $(var n)")', 'two 3'),
        ("$(var missing '$(var space)')", 'a b'),
        ('$(env HOME)', '/home/nurse'),
        ('$(env MISSING default)', 'default'),
        ('$(dirname)/x.yaml', '/opt/launch/x.yaml'),
        ('$(equals $(var n) 3.0)', 'true'),
        ('$(equals true 1)', 'true'),
        ('$(equals True false)', 'false'),
        ('$(equals a b)', 'false'),
        ("$(equals '$(var space)' 'a b')", 'true'),
        ("$(equals '[$(var empty)]' '[]')", 'true'),
        ("$(not-equals '[$(var ward)]' '[]')", 'true'),
        ("$(equals '$(var empty)' '[]')", 'false'),
        ('$(not-equals 1 1.0)', 'false'),
        ('$(not $(var yes))', 'false'),
        ('$(and true 1)', 'true'),
        ('$(and true 0)', 'false'),
        ('$(or false $(var yes))', 'true'),
        ('$(or false no)', 'false'),
        ('$(command "echo -n a  b")', 'a b'),
        ('$(command \'sh -c "echo -n x; echo -n y >&2"\' ignore)', 'x'),
        ('$(command \'sh -c "echo -n x; echo -n y >&2"\' capture)', 'xy'),
        ('costs 5$ or $5', 'costs 5$ or $5'),
        ('\\$(var ward)', '$(var ward)'),
        ('a\\\\b', 'a\\b'),
        ('$(var missing a\\)b)', 'a)b'),
        ('brackets (here) stay', 'brackets (here) stay'),
        ("quotes 'here' stay", "quotes 'here' stay"),
    ],
)
def test_substitution_gives(context, text, expected):
    assert context.text(text, HERE) == expected


def test_package_folders_come_from_the_ament_index(context, prefix):
    assert context.text('$(find-pkg-share demo)', HERE) == f'{prefix}/share/demo'
    assert context.text('$(find-pkg-prefix demo)/lib', HERE) == f'{prefix}/lib'


@pytest.mark.parametrize(
    ('text', 'cause'),
    [
        ("$(equals $(var ward) '')", 'cannot compare with the empty text'),
        ('$(vra ward)', 'Unknown substitution $(vra)'),
        ('$(eval 1 + 1)', 'Unknown substitution $(eval)'),
        ('$(var)', '$(var) has 0 arguments and takes 1 to 2'),
        ('$(not a b)', '$(not) has 2 arguments and takes 1'),
        ('$(dirname x)', '$(dirname) has 1 arguments and takes 0'),
        ('$(var ward', 'is not closed by )'),
        ('$(var  ward)', 'exactly one space'),
        ('$(var ward )', 'exactly one space'),
        ('$(var a(b)', 'stands bare'),
        ("$(var a'b)", 'stands bare'),
        ("$(var 'ward)", "the quote ' is not closed"),
        ('$()', 'begins with its name'),
        ('$(var missing)', '$(var missing) is not set'),
        ('$(env MISSING)', 'Environment variable "MISSING" is not set'),
        ('$(find-pkg-share nothing)', 'Package "nothing" is not installed'),
        ('$(find-pkg-prefix nothing)', 'Package "nothing" is not installed'),
        ('$(not maybe)', '"maybe" is not a truth value'),
        ("$(command 'false')", 'ended with 1'),
        ("$(command 'no-such-program x')", 'cannot be run'),
        ('$(command \'sh -c "echo oops >&2"\')', 'said: oops'),
        ("$(command 'true' loudly)", 'does not know "loudly"'),
    ],
)
def test_bad_substitution_is_refused_with_its_place(context, text, cause):
    with pytest.raises(LaunchError, match=re.escape(cause)) as caught:
        context.text(text, HERE)
    assert str(caught.value).startswith('a.launch.xml:7: ')
    assert caught.value.cure


def test_warning_of_a_command_is_shown_and_its_output_used(context, capsys):
    text = context.text('$(command \'sh -c "echo -n x; echo oops >&2"\' warn)', HERE)
    assert text == 'x'
    assert 'oops' in capsys.readouterr().err

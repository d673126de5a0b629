# SPDX-License-Identifier: Apache-2.0
"""--record BED=PATH[?rate=360&unit=mV&lead=MLII], looked at before anything starts.

Only what needs no knowledge of signals is checked here: that the files are there. What is in them
is judged by care_sensors.
"""

import re
from pathlib import Path

from care_cli.errors import CareError

_EXAMPLE = './care up --record 1=../shared/data/ecg/mitdb/100'


def _refuse(cause: str, cure: str = f'for example {_EXAMPLE}') -> CareError:
    return CareError(f'--record {cause}', cure=cure, code=2)


def signal_files(header: Path) -> list[str]:
    """List the files named in a WFDB header (PhysioNet header(5)), in order, each once."""
    lines = [line.strip() for line in header.read_text(errors='replace').splitlines()]
    lines = [line for line in lines if line and not line.startswith('#')]
    try:
        name, count = lines[0].split()[:2]
        signals = int(count)
    except (IndexError, ValueError):
        raise _refuse(
            f'{header} is not a WFDB header', 'name a WFDB record or a .csv file'
        ) from None
    if '/' in name:
        return []
    files = [line.split()[0] for line in lines[1 : 1 + signals]]
    if len(files) < signals:
        raise _refuse(f'{header} is cut off: {len(files)} of {signals} signals', 'copy it again')
    return list(dict.fromkeys(one for one in files if one not in ('-', '~')))


def check_record(path: Path) -> Path:
    """Return the absolute path of a record whose files are all there, else raise CareError."""
    path = path.expanduser().absolute()
    if path.suffix == '.csv':
        if not path.is_file():
            raise _refuse(f'{path} does not exist', 'check the path')
        return path
    if path.suffix in ('.hea', '.dat', '.atr') and path.is_file():
        path = path.with_suffix('')
    header = path.with_name(path.name + '.hea')
    if not header.is_file():
        near = sorted(one.stem for one in path.parent.glob('*.hea'))[:8]
        cure = f'records there: {", ".join(near)}' if near else 'check the path'
        raise _refuse(f'{path}: there is no header {header.name}', cure)
    for name in signal_files(header):
        if not (header.parent / name).is_file():
            raise _refuse(
                f'{path}: its signal file {name} is missing', f'put it into {path.parent}'
            )
    return path


def parse_records(texts: list[str], beds: list[int]) -> dict[int, str]:
    """Return each bed's record with its options from BED=PATH texts, else raise CareError."""
    found: dict[int, str] = {}
    for text in texts:
        bed, equals, path = text.partition('=')
        if not equals or not path or not bed.strip().isdigit():
            raise _refuse(f'{text!r} is not BED=PATH')
        number = int(bed)
        if number not in beds:
            raise _refuse(f'{text!r}: there is no bed {number}', f'beds are {beds}, see beds:=')
        if number in found:
            raise _refuse(f'names bed {number} twice')
        # What follows the question mark says how to read the file; care_sensors judges it.
        file, *options = re.split(r'(?=\?\w+=)', path, maxsplit=1)
        found[number] = f'{check_record(Path(file))}{"".join(options)}'
    return found

"""Forged variants of a container that are still strict ZIPs: its files damaged, exchanged, renamed, left out, added."""

from __future__ import annotations

import random
from collections.abc import Callable

from signing.formats.asic_container import open_container
from signing.formats.zip_reader import ZipFile
from signing.formats.zip_writer import write_zip
from tests.interop.mutants import mutants


def forged(container: bytes, other: bytes, chance: random.Random) -> tuple[str, bytes]:
    """A container taken apart, changed as one of FORGERIES does with parts of another one, and put together well."""
    files, theirs = (list(open_container(one).files) for one in (container, other))
    forge = chance.choice(FORGERIES)
    return forge.__name__, write_zip(forge(files, theirs, chance))


Files = list[ZipFile]


def damage_one(files: Files, other: Files, chance: random.Random) -> Files:
    """One file is damaged as bytes are."""
    place = chance.randrange(len(files))
    file = files[place]
    changed = mutants(file.data, chance)[1] if file.data else b"x"
    return [*files[:place], ZipFile(file.name, changed, file.plain), *files[place + 1 :]]


def leave_out(files: Files, other: Files, chance: random.Random) -> Files:
    place = chance.randrange(len(files))
    return files[:place] + files[place + 1 :]


def take_over(files: Files, other: Files, chance: random.Random) -> Files:
    """A file of another container, beside or instead of one of this."""
    taken = chance.choice(other)
    kept = [file for file in files if file.name != taken.name]
    return [*kept, taken]


def exchange(files: Files, other: Files, chance: random.Random) -> Files:
    """Two files change their contents."""
    one, two = (chance.randrange(len(files)) for _ in range(2))
    changed = list(files)
    changed[one] = ZipFile(files[one].name, files[two].data, files[one].plain)
    changed[two] = ZipFile(files[two].name, files[one].data, files[two].plain)
    return changed


def rename(files: Files, other: Files, chance: random.Random) -> Files:
    """A file gets the name of another one, or a new one."""
    place = chance.randrange(len(files))
    name = chance.choice(
        (f"{files[place].name}.bak", f"META-INF/{files[place].name}", "a/b", files[place].name.upper())
    )
    return [*files[:place], ZipFile(name, files[place].data, files[place].plain), *files[place + 1 :]]


def shuffle(files: Files, other: Files, chance: random.Random) -> Files:
    rest = files[1:]
    chance.shuffle(rest)
    return [files[0], *rest]


def add(files: Files, other: Files, chance: random.Random) -> Files:
    name = chance.choice(("added.txt", "META-INF/added.xml", "META-INF/signature9.p7s", "META-INF/ASiCManifest9.xml"))
    return [*files, ZipFile(name, chance.choice(files).data)]


FORGERIES: tuple[Callable[[Files, Files, random.Random], Files], ...] = (
    damage_one,
    leave_out,
    take_over,
    exchange,
    rename,
    shuffle,
    add,
)

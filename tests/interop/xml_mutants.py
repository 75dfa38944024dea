"""Forged variants of an XML file, made of its own pieces: what a hand does that knows XML and has no key."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

from lxml import etree

Mutation = Callable[[Any, random.Random], None]


def xml_mutants(original: bytes, chance: random.Random) -> tuple[str, bytes]:
    """One variant and what was done to it; the file itself, if the tree does not allow it."""
    mutation = chance.choice(MUTATIONS)
    root = etree.fromstring(original)
    mutation(root, chance)
    return mutation.__name__, bytes(etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True))


def _any(root: Any, chance: random.Random) -> Any:
    return chance.choice([one for one in root.iter() if isinstance(one.tag, str)])


def _inside(root: Any, chance: random.Random) -> Any | None:
    """An element that is not the root."""
    below = [one for one in root.iter() if isinstance(one.tag, str) and one is not root]
    return chance.choice(below) if below else None


def copied(root: Any, chance: random.Random) -> None:
    """An element once more, elsewhere."""
    what, place = _inside(root, chance), _any(root, chance)
    if what is not None:
        place.insert(chance.randrange(len(place) + 1), copy.deepcopy(what))


def moved(root: Any, chance: random.Random) -> None:
    """An element elsewhere."""
    what, place = _inside(root, chance), _any(root, chance)
    if what is not None and what not in (place, *place.iterancestors()):
        place.insert(chance.randrange(len(place) + 1), what)


def deleted(root: Any, chance: random.Random) -> None:
    what = _inside(root, chance)
    if what is not None:
        what.getparent().remove(what)


def wrapped(root: Any, chance: random.Random) -> None:
    """An element inside a new one of the same name or another."""
    what = _inside(root, chance)
    if what is not None:
        frame = etree.Element(chance.choice([what.tag, _any(root, chance).tag, "frame"]))
        what.getparent().replace(what, frame)
        frame.append(what)


def renamed(root: Any, chance: random.Random) -> None:
    what = _inside(root, chance)
    if what is not None:
        what.tag = _any(root, chance).tag


def attribute_exchanged(root: Any, chance: random.Random) -> None:
    """The value of one attribute becomes that of another, or the attribute goes or comes."""
    holders = [one for one in root.iter() if isinstance(one.tag, str) and one.attrib]
    if holders:
        one, other = chance.choice(holders), chance.choice(holders)
        name = chance.choice(one.keys())
        match chance.randrange(3):
            case 0:
                one.set(name, other.get(chance.choice(other.keys())))
            case 1:
                del one.attrib[name]
            case _:
                _any(root, chance).set(name, one.get(name))


def text_exchanged(root: Any, chance: random.Random) -> None:
    one, other = _any(root, chance), _any(root, chance)
    one.text, other.text = other.text, one.text


def text_added(root: Any, chance: random.Random) -> None:
    one = _any(root, chance)
    if chance.random() < 0.5:
        one.text = (one.text or "") + chance.choice((" ", "x", "\n"))
    else:
        one.insert(0, chance.choice((etree.Comment("x"), etree.ProcessingInstruction("x"), etree.Element("x"))))


def framed(root: Any, chance: random.Random) -> None:
    """A new element beside the root's children, with a copy of some of them."""
    frame = etree.SubElement(root, chance.choice((root.tag, "frame")))
    for child in list(root)[:-1]:
        if chance.random() < 0.5:
            frame.append(copy.deepcopy(child))


MUTATIONS: tuple[Mutation, ...] = (
    copied,
    moved,
    deleted,
    wrapped,
    renamed,
    attribute_exchanged,
    text_exchanged,
    text_added,
    framed,
)

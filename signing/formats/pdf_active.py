"""
Look for content that acts by itself or hides: actions, scripts, XFA, multimedia, layers that are off.

Only places from which a reader runs something are visited, so a file of many thousand objects stays cheap.
Source: ISO 32000-2 §12.6 (actions), §12.5.6 (annotations), §8.11 (optional content), §12.7.8 (XFA).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pyhanko.pdf_utils import generic

from signing.formats.pdf_objects import child, entry, follow, items

ACTIONS = frozenset(
    "JavaScript Launch GoToR GoToE ImportData SubmitForm ResetForm Rendition Movie Sound RichMediaExecute GoTo3DView "
    "SetOCGState Hide Trans".split()
)
ANNOTATIONS = frozenset(("/RichMedia", "/Movie", "/Screen", "/Sound", "/3D"))
MOST_STEPS = 64


def find_active_content(root: generic.DictionaryObject, pages: Sequence[generic.DictionaryObject]) -> list[str]:
    """What acts by itself, by the names of ISO 32000-2, in order of discovery; empty for a quiet document."""
    found: dict[str, None] = {}
    found.update(dict.fromkeys(_of_holder(root, "/OpenAction")))
    if entry(child(root, "/Names"), "/JavaScript") is not None:
        found["JavaScript"] = None
    form = child(root, "/AcroForm")
    if form is not None and "/XFA" in form:
        found["XFA"] = None
    for field in _fields(form):
        found.update(dict.fromkeys(_of_holder(field, "/A")))
    for page in pages:
        found.update(dict.fromkeys(_of_holder(page, "/A")))
        for annotation in items(page, "/Annots"):
            found.update(dict.fromkeys(_of_holder(annotation, "/A")))
            kind = entry(annotation, "/Subtype")
            if kind in ANNOTATIONS:
                found[str(kind)[1:]] = None
    return list(found)


def find_hidden_layers(root: generic.DictionaryObject) -> bool:
    """Whether the default configuration switches a layer off."""
    default = child(child(root, "/OCProperties"), "/D")
    return entry(default, "/BaseState") == "/OFF" or any(True for _ in items(default, "/OFF"))


def _of_holder(holder: object, key: str) -> Iterable[str]:
    """The active actions of an object: its own under `key`, and those of its additional actions (/AA)."""
    yield from _of_action(entry(holder, key))
    additional = child(holder, "/AA")
    for trigger in additional or ():
        yield from _of_action(entry(additional, trigger))


def _of_action(action: object) -> Iterable[str]:
    """The kinds of an action and the ones chained to it; a longer chain than MOST_STEPS counts as one more kind."""
    queue, steps = [action], 0
    while queue:
        steps += 1
        if steps > MOST_STEPS:
            yield "endless chain of actions"
            return
        one = follow(queue.pop())
        if isinstance(one, generic.ArrayObject):
            queue.extend(item for item in one if isinstance(item, (generic.IndirectObject, generic.DictionaryObject)))
        if not isinstance(one, generic.DictionaryObject):
            continue
        kind = str(entry(one, "/S"))[1:]
        if kind in ACTIONS:
            yield kind
        queue.append(entry(one, "/Next"))


def _fields(form: object) -> Iterable[generic.DictionaryObject]:
    """All form fields; each once, whatever the tree looks like."""
    top = entry(form, "/Fields")
    stack: list[object] = list(top) if isinstance(top, generic.ArrayObject) else []
    seen: set[tuple[int, int]] = set()
    while stack:
        item = stack.pop()
        if isinstance(item, generic.IndirectObject):
            key = (item.idnum, item.generation)
            if key in seen:
                continue
            seen.add(key)
        field = follow(item)
        if isinstance(field, generic.DictionaryObject):
            yield field
            kids = entry(field, "/Kids")
            stack.extend(kids if isinstance(kids, generic.ArrayObject) else ())

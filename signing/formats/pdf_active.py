"""
Look for content that acts by itself or hides: actions, scripts, XFA, multimedia, layers that are off.

Only places from which a reader runs something are visited, so a file of many thousand objects stays cheap.
Source: ISO 32000-2 §12.6 (actions), §12.5.6 (annotations), §8.11 (optional content), §12.7.8 (XFA).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pyhanko.pdf_utils import generic

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
    names = root.get("/Names")
    if isinstance(names, generic.DictionaryObject) and "/JavaScript" in names:
        found["JavaScript"] = None
    form = root.get("/AcroForm")
    if isinstance(form, generic.DictionaryObject):
        if "/XFA" in form:
            found["XFA"] = None
        for field in _fields(form.get("/Fields")):
            found.update(dict.fromkeys(_of_holder(field, "/A")))
    for page in pages:
        found.update(dict.fromkeys(_of_holder(page, "/A")))
        annotations = page.get("/Annots")
        for entry in annotations if isinstance(annotations, generic.ArrayObject) else ():
            annotation = entry.get_object()
            if isinstance(annotation, generic.DictionaryObject):
                found.update(dict.fromkeys(_of_holder(annotation, "/A")))
                if annotation.get("/Subtype") in ANNOTATIONS:
                    found[str(annotation["/Subtype"])[1:]] = None
    return list(found)


def find_hidden_layers(root: generic.DictionaryObject) -> bool:
    """Whether the default configuration switches a layer off."""
    properties = root.get("/OCProperties")
    if not isinstance(properties, generic.DictionaryObject):
        return False
    default = properties.get("/D")
    if not isinstance(default, generic.DictionaryObject):
        return False
    off = default.get("/OFF")
    return default.get("/BaseState") == "/OFF" or (isinstance(off, generic.ArrayObject) and len(off) > 0)


def _of_holder(holder: generic.DictionaryObject, key: str) -> Iterable[str]:
    """The active actions of an object: its own under `key`, and those of its additional actions (/AA)."""
    yield from _of_action(holder.get(key))
    additional = holder.get("/AA")
    if isinstance(additional, generic.DictionaryObject):
        for trigger in additional:
            yield from _of_action(additional.get(trigger))


def _of_action(action: object) -> Iterable[str]:
    """The kinds of an action and the ones chained to it."""
    queue, steps = [action], 0
    while queue and steps < MOST_STEPS:
        steps += 1
        one = queue.pop()
        if isinstance(one, generic.IndirectObject):
            one = one.get_object()
        if isinstance(one, generic.ArrayObject):
            queue.extend(item for item in one if not isinstance(item, generic.NumberObject))
        if not isinstance(one, generic.DictionaryObject):
            continue
        kind = str(one.get("/S", ""))[1:]
        if kind in ACTIONS:
            yield kind
        queue.append(one.get("/Next"))


def _fields(fields: object) -> Iterable[generic.DictionaryObject]:
    """All form fields; each once, whatever the tree looks like."""
    stack = list(fields) if isinstance(fields, generic.ArrayObject) else []
    seen: set[tuple[int, int]] = set()
    while stack:
        entry = stack.pop()
        if isinstance(entry, generic.IndirectObject):
            key = (entry.idnum, entry.generation)
            if key in seen:
                continue
            seen.add(key)
            entry = entry.get_object()
        if isinstance(entry, generic.DictionaryObject):
            yield entry
            kids = entry.get("/Kids")
            stack.extend(kids if isinstance(kids, generic.ArrayObject) else ())

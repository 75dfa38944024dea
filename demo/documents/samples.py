"""Writing the three samples into the data folder, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from base.texts import Text
from demo.documents import decision, invitation, letter
from demo.documents.typefaces import register_typefaces


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample document: its file name, how it is called, and who writes it."""

    file_name: str
    title: Text
    write: Callable[[Path], None]


SAMPLES = (
    Sample(decision.FILE_NAME, Text("Quyết định (có phụ lục)", "Decision (with an appendix)"), decision.write),
    Sample(letter.FILE_NAME, Text("Công văn", "Official letter"), letter.write),
    Sample(invitation.FILE_NAME, Text("Giấy mời", "Invitation"), invitation.write),
)


def write_samples(folder: Path) -> list[Path]:
    """Write each sample that is missing in `folder`. Returns the paths of all three, in the order of SAMPLES."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [sample for sample in SAMPLES if not (folder / sample.file_name).exists()]
    if missing:
        register_typefaces(folder / "typefaces")
    for sample in missing:
        sample.write(folder / sample.file_name)
    return [folder / sample.file_name for sample in SAMPLES]

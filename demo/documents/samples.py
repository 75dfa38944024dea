"""
Writing the three samples into the data folder, once.

What draws them is loaded only then: it is slow to load, and every later start does without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from base.texts import Text


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample document: its file name, how it is called, and the module of demo.documents that writes it."""

    file_name: str
    title: Text
    module: str

    def write(self, path: Path) -> None:
        """Draw the document; the typefaces must be registered."""
        import_module(f"demo.documents.{self.module}").write(path)


SAMPLES = (
    Sample("quyet-dinh.pdf", Text("Quyết định (có phụ lục)", "Decision (with an appendix)"), "decision"),
    Sample("cong-van.pdf", Text("Công văn", "Official letter"), "letter"),
    Sample("giay-moi.pdf", Text("Giấy mời", "Invitation"), "invitation"),
)


def write_samples(folder: Path) -> list[Path]:
    """Write each sample that is missing in `folder`. Returns the paths of all three, in the order of SAMPLES."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [sample for sample in SAMPLES if not (folder / sample.file_name).exists()]
    if missing:
        from demo.documents.typefaces import register_typefaces

        register_typefaces(folder / "typefaces")
    for sample in missing:
        sample.write(folder / sample.file_name)
    return [folder / sample.file_name for sample in SAMPLES]

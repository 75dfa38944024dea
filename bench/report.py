"""Turns the rows of a run into a table, a chart and the measured part of docs/performance.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


@dataclass(frozen=True, slots=True)
class Row:
    """One line: operations/s, latencies in ms, memory in MiB, CPU-ms an operation, the limit's name and rate."""

    name: str
    rate: float
    p50_ms: float
    p99_ms: float
    rss_mib: float
    pss_mib: float
    cpu_ms: float
    limit_name: str
    limit_rate: float

    @property
    def ratio(self) -> float:
        return self.rate / self.limit_rate


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| operation | /s | p50 ms | p99 ms | CPU-ms each | RSS / PSS MiB | limit, same run | ratio |",
        "|---|---:|---:|---:|---:|---:|---|---:|",
    ]
    for row in rows:
        memory = f"{row.rss_mib:.0f} / {row.pss_mib:.0f}" if row.rss_mib else "–"
        cpu = f"{row.cpu_ms:.2f}" if row.cpu_ms else "–"
        lines.append(
            f"| {row.name} | {row.rate:,.0f} | {row.p50_ms:.2f} | {row.p99_ms:.2f} | {cpu} | {memory} "
            f"| {row.limit_name} {row.limit_rate:,.0f}/s | {row.ratio:.3f} |"
        )
    return "\n".join(lines)


def chart(rows: Sequence[Row]) -> str:
    """A bar for each row, as long as its share of its limit; SVG that reads in light and dark."""
    line, left, width = 30, 300, 420
    height = line * len(rows) + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 130} {height}" role="img" '
        'font-family="system-ui, sans-serif" font-size="13">',
        "<title>Share of the limit measured in the same run</title>",
        '<rect width="100%" height="100%" fill="#fbfaf7"/>',
    ]
    for number, row in enumerate(rows):
        y = 24 + number * line
        bar = max(1.0, min(row.ratio, 1.0) * width)
        parts += [
            f'<text x="{left - 10}" y="{y + 14}" text-anchor="end" fill="#1d2733">{escape(row.name)}</text>',
            f'<rect x="{left}" y="{y}" width="{width}" height="20" fill="#e7e2d8"/>',
            f'<rect x="{left}" y="{y}" width="{bar:.1f}" height="20" fill="#8f1d22"/>',
            f'<text x="{left + width + 8}" y="{y + 14}" fill="#1d2733">{row.ratio:.2f} · {row.rate:,.0f}/s</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


def publish(rows: Sequence[Row], machine: str, folder: Path) -> None:
    """Put table and chart into docs: performance.md between its marks, performance.svg beside it."""
    (folder / "performance.svg").write_text(chart(rows), "utf-8")
    page = folder / "performance.md"
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    measured = f"{BEGIN}\n{machine}\n\n{table(rows)}\n\n![Share of the limit](performance.svg)\n{END}"
    page.write_text(before + measured + after, "utf-8")

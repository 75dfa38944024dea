"""Turns the rows of a run into a table, a chart and the measured part of docs/performance.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from bench.match import Outcome, Tally

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


def match_table(outcome: Outcome) -> str:
    """The match with the peer as Markdown: rates and ratios, then what an operation costs each side."""
    lines = [
        "| in turns, same PostgreSQL | ours /s | peer /s | peer in memory /s "
        "| ratio (must, aim) | to memory (must, aim) | p99 ms ours, peer |",
        "|---|---:|---:|---:|---|---|---:|",
    ]
    for match, by in outcome.rows:
        ours, peer, memory = by["ours"], by["peer"], by["memory"]
        lines.append(
            f"| {match.name} | {ours.rate:,.0f} | {peer.rate:,.0f} | {memory.rate:,.0f} "
            f"| {held(ours.rate / peer.rate, match.must, match.aim)} "
            f"| {held(ours.rate / memory.rate, match.memory_must, match.memory_aim)} "
            f"| {ours.p99:.1f}, {peer.p99:.1f} |"
        )
    lines += [
        "",
        "| an operation costs | CPU-ms ours: provider + database | peer | peer in memory | CPU ratio "
        "| SQL statements ours, peer | bytes stored ours, peer |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [_cost(match.name, by) for match, by in outcome.rows]
    return "\n".join([*lines, "", _sizes(outcome)])


def held(ratio: float, must: float | None, aim: float | None) -> str:
    """A ratio beside what it must be and what is aimed at."""
    wanted = ", ".join(f"{value:g}" for value in (must, aim) if value is not None)
    return f"**{ratio:.2f} ×** ({wanted})" if wanted else f"{ratio:.2f} ×"


def _cost(name: str, by: Mapping[str, Tally]) -> str:
    whole = {who: 1000 * tally.each(tally.cpu + tally.database_cpu) for who, tally in by.items()}
    parts = [
        f"{1000 * by[who].each(by[who].cpu):.2f} + {1000 * by[who].each(by[who].database_cpu):.2f}"
        for who in ("ours", "peer")
    ]
    statements = ", ".join(f"{by[who].each(by[who].statements):.1f}" for who in ("ours", "peer"))
    stored = ", ".join(f"{by[who].each(by[who].bytes_stored):,.0f}" for who in ("ours", "peer"))
    ratio = whole["peer"] / whole["ours"] if whole["ours"] else 0.0
    return (
        f"| {name} | {parts[0]} | {parts[1]} | {1000 * by['memory'].each(by['memory'].cpu):.2f} | {ratio:.2f} × "
        f"| {statements} | {stored} |"
    )


def _sizes(outcome: Outcome) -> str:
    memory, idle = outcome.memory, outcome.idle
    return (
        f"Private memory (PSS) after the match, MiB: ours {memory['ours']:.0f}, peer {memory['peer']:.0f} "
        f"({memory['ours'] / memory['peer']:.2f} ×), peer in memory {memory['memory']:.0f}. "
        f"Idle, CPU-ms a second: ours {idle['ours']:.1f}, peer {idle['peer']:.1f}."
    )


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


def publish(rows: Sequence[Row], machine: str, beside: str, folder: Path) -> None:
    """Put tables and chart into docs: performance.md between its marks, performance.svg beside it."""
    (folder / "performance.svg").write_text(chart(rows), "utf-8")
    page = folder / "performance.md"
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    parts = (BEGIN, f"{machine}\n", table(rows), "\n![Share of the limit](performance.svg)\n", beside, END)
    measured = "\n".join(parts)
    page.write_text(before + measured + after, "utf-8")

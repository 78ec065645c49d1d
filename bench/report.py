"""The page and the chart of a run."""

import os
import platform
import re
from pathlib import Path
from statistics import median

from special import Findings, Growth, Row

MIB = 1024 * 1024
GIB = 1024 * MIB
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def rate_text(workload, sources, seconds: float) -> str:
    count = workload.bytes_of(sources)
    return f"{count / seconds / MIB:,.0f} MiB/s" if count else ""


def goals_text(workload, name: str, medians: dict[str, float]) -> str:
    texts = []
    for other, ratio, ours in workload.goals:
        if ours != name or other not in medians:
            continue
        reached = medians[other] / medians[name]
        texts.append(f"{reached:.2f}x of {other} (goal {ratio:g}x{'' if reached >= ratio else ', **missed**'})")
    return "; ".join(texts)


def per_gib(workload, sources, seconds: float) -> str:
    count = workload.bytes_of(sources)
    return f"{seconds / count * GIB:.2f}" if count > 64 * MIB else f"{seconds:.3f} s"


def table(workload, sources, costs) -> str:
    medians = {name: median(cost.seconds for cost in runs) for name, runs in costs.items()}
    lines = ["| | median s (least, most) | rate | client CPU s/GiB | server CPU s/GiB | client peak MiB | ratio |",
             "|---|--:|--:|--:|--:|--:|---|"]
    for name, runs in costs.items():
        seconds = [cost.seconds for cost in runs]
        lines.append(
            f"| {name} | {medians[name]:.3f} ({min(seconds):.3f}, {max(seconds):.3f}) "
            f"| {rate_text(workload, sources, medians[name])} "
            f"| {per_gib(workload, sources, median(cost.client_cpu for cost in runs))} "
            f"| {per_gib(workload, sources, median(cost.server_cpu for cost in runs))} "
            f"| {median(cost.client_peak for cost in runs) / MIB:.0f} | {goals_text(workload, name, medians)} |")
    return "\n".join(lines) + "\n"


def chart(workloads, results) -> str:
    """Bars of the medians, a group for each workload, shorter is quicker; the longest of a group fills the width."""
    colours = ["#0b7285", "#66a8b3", "#1864ab", "#74a9d8", "#c92a2a", "#e67700", "#f2b263", "#5f3dc4"]
    names = list(dict.fromkeys(name for workload in workloads for name in results[workload.name]))
    bar, gap, left, width = 14, 26, 180, 640
    height = sum(len(results[w.name]) * bar + gap for w in workloads) + 20
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 120}" height="{height}" '
             'font-family="sans-serif" font-size="11">']
    y = 16
    for workload in workloads:
        medians = {name: median(cost.seconds for cost in runs) for name, runs in results[workload.name].items()}
        parts.append(f'<text x="4" y="{y}" font-weight="bold">{workload.title}</text>')
        longest = max(medians.values(), default=1.0)
        for name, seconds in medians.items():
            y += bar
            length = max(1, round(seconds / longest * width))
            parts.append(f'<text x="{left - 6}" y="{y}" text-anchor="end">{name}</text>'
                         f'<rect x="{left}" y="{y - 9}" width="{length}" height="{bar - 3}" '
                         f'fill="{colours[names.index(name) % len(colours)]}"/>'
                         f'<text x="{left + length + 4}" y="{y}">{seconds:.2f} s</text>')
        y += gap
    return "\n".join(parts) + "\n</svg>\n"


def rows_table(findings: Findings) -> str:
    rows = [row for row in findings if isinstance(row, Row)]
    if not rows:
        return ""
    lines = ["| what | measured | goal | goal : measured |", "|---|---|---|--:|"]
    for row in rows:
        lines.append(f"| {row.what} | {row.measured} | {row.goal} "
                     f"| {row.ratio:.2f}{'' if row.ratio >= 1 else ' **missed**'} |")
    return "\n".join(lines) + "\n"


def growths_table(findings: Findings) -> str:
    growths = [growth for growth in findings if isinstance(growth, Growth)]
    if not growths:
        return ""
    lines = ["| cost | at | | at | | growth |", "|---|--:|--:|--:|--:|--:|"]
    for growth in growths:
        (few, small), (many, large) = growth.costs
        lines.append(f"| {growth.what} | {few:,} | {small:.3g} {growth.unit} | {many:,} | {large:.3g} {growth.unit} "
                     f"| {large / small:.2f}x |")
    return "\n".join(lines) + "\n"


def growths_chart(findings: Findings) -> str:
    """A bar for each cost: how it has grown where there is ten times as much to do. The line is 1: not at all."""
    growths = [growth for growth in findings if isinstance(growth, Growth)]
    bar, left, unit, most = 18, 330, 140, 3.0
    height = len(growths) * bar + 30
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + unit * most + 70:.0f}" height="{height}" '
             'font-family="sans-serif" font-size="11">']
    for number, growth in enumerate(growths):
        (_, small), (_, large) = growth.costs
        y, grown = 16 + number * bar, large / small
        length = min(grown, most) * unit
        parts.append(f'<text x="{left - 6}" y="{y}" text-anchor="end">{growth.what}</text>'
                     f'<rect x="{left}" y="{y - 10}" width="{length:.0f}" height="{bar - 5}" fill="#0b7285"/>'
                     f'<text x="{left + length + 4:.0f}" y="{y}">{grown:.2f}x</text>')
    parts.append(f'<line x1="{left + unit}" x2="{left + unit}" y1="2" y2="{height - 24}" stroke="#c92a2a"/>')
    return "\n".join(parts) + "\n</svg>\n"


def conditions(rounds: int) -> str:
    processor = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                      if line.startswith("model name")), platform.machine())
    return (f"{os.cpu_count()} cores ({processor}), Linux {platform.release().split('-')[0]}, loopback in a namespace of its "
            f"own, cubic; medians of {rounds} interleaved rounds after one that does not count; load average before the end: "
            f"{os.getloadavg()[0]:.1f}. Peers are Debian's packages with Debian's settings and do not sync.\n")


def write(page: Path, workloads, sources, results, findings: Findings, rounds: int) -> None:
    """Puts the figures between the page's marks; what people have written around them stays."""
    text = f"{BEGIN}\n{conditions(rounds)}"
    if results:
        picture = page.with_suffix(".svg")
        picture.write_text(chart(workloads, results), encoding="utf-8")
        text += f"\n![medians, shorter is quicker]({picture.name})\n"
    for workload in workloads:
        text += f"\n### {workload.title[0].upper()}{workload.title[1:]}\n\n{table(workload, sources, results[workload.name])}"
    if findings:
        text += f"\n### Beside the race\n\n{rows_table(findings)}"
    if growths_table(findings):
        picture = page.with_name(f"{page.stem}-growth.svg")
        picture.write_text(growths_chart(findings), encoding="utf-8")
        text += (f"\n### What ten times as much costs\n\nThe cost of one unit at two amounts, in an open session.\n\n"
                 f"![growth of each cost]({picture.name})\n\n{growths_table(findings)}")
    text += END
    old = page.read_text(encoding="utf-8") if page.is_file() else f"# Performance\n\n{BEGIN}{END}\n"
    page.write_text(re.sub(re.escape(BEGIN) + ".*" + re.escape(END), lambda _: text, old, flags=re.DOTALL), encoding="utf-8")

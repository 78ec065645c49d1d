"""The page and the chart of a run."""

import os
import platform
import re
from pathlib import Path
from statistics import median

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
    colours = ["#0b7285", "#66a8b3", "#c92a2a", "#e67700", "#f2b263", "#5f3dc4"]
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


def conditions(rounds: int) -> str:
    processor = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                      if line.startswith("model name")), platform.machine())
    return (f"{os.cpu_count()} cores ({processor}), Linux {platform.release().split('-')[0]}, loopback in a namespace of its "
            f"own, cubic; medians of {rounds} interleaved rounds after one that does not count; load average before the end: "
            f"{os.getloadavg()[0]:.1f}. Peers are Debian's packages with Debian's settings and do not sync.\n")


def write(page: Path, workloads, sources, results, rounds: int) -> None:
    """Puts the figures between the page's marks; what people have written around them stays."""
    picture = page.with_suffix(".svg")
    picture.write_text(chart(workloads, results), encoding="utf-8")
    text = f"{BEGIN}\n{conditions(rounds)}\n![medians, shorter is quicker]({picture.name})\n"
    for workload in workloads:
        text += f"\n### {workload.title[0].upper()}{workload.title[1:]}\n\n{table(workload, sources, results[workload.name])}"
    text += END
    old = page.read_text(encoding="utf-8") if page.is_file() else f"# Performance\n\n{BEGIN}{END}\n"
    page.write_text(re.sub(re.escape(BEGIN) + ".*" + re.escape(END), lambda _: text, old, flags=re.DOTALL), encoding="utf-8")

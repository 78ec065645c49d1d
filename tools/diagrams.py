"""The diagrams of docs/classes.md, held against the code: every name that they use is there.

classDiagram: each class exists; its members are declared in it; `Base <|-- Class` is a base of it, and what a class is said
to have or to use (`*--`, `o--`, `-->`, `..>`) is named in its declaration or in the functions of its file.
flowchart: each `Class::member` and `room::function` exists.
"""

import re
from typing import Iterable, Iterator

import cpp_outline

BLOCK = re.compile(r"^```mermaid\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)
ARROW = re.compile(r'\s*(\w+)\s*(?:"[^"]*"\s*)?(<\|--|<\|\.\.|\*--|o--|-->|\.\.>)\s*(?:"[^"]*"\s*)?(\w+)')


class Source:
    """What the rooms declare."""

    def __init__(self, files: Iterable[tuple[str, str, cpp_outline.Outline]]):
        self.classes: dict[str, list[cpp_outline.Class]] = {}
        self._words: dict[str, set[str]] = {}  # of everything a class says
        self._functions: dict[str, set[str]] = {}  # by room
        for room, code, outline in files:
            for made in outline.classes:
                self.classes.setdefault(made.name, []).append(made)
                self._words.setdefault(made.name, set()).update(re.findall(r"\w+", code[made.begin:made.end]))
            for function in outline.functions:
                owner, _, name = function.name.rpartition("::")
                self._functions.setdefault(room, set()).add(name)
                if owner:
                    own = re.findall(r"\w+", code[function.begin:function.end])
                    self._words.setdefault(owner.split("::")[-1], set()).update(own)
            self._functions.setdefault(room, set())

    def members(self, name: str) -> set[str]:
        return set().union(*(made.names() for made in self.classes.get(name, [])))

    def bases(self, name: str) -> set[str]:
        return {word for made in self.classes.get(name, []) for word in re.findall(r"\w+", made.bases)}

    def words(self, name: str) -> set[str]:
        return self._words.get(name, set())

    def has_function(self, room: str, name: str) -> bool:
        return name in self._functions.get(room, set())


def check(page: str, source: Source, rooms: set[str]) -> Iterator[tuple[int, str]]:
    """A line and what is wrong there, for each name that the code does not have."""
    for block in BLOCK.finditer(page):
        first = page.count("\n", 0, block.start(1)) + 1
        kind, *lines = block.group(1).splitlines()
        rule = _class_diagram if kind.strip() == "classDiagram" else _flow_chart
        for offset, what in rule(lines, source, rooms):
            yield first + 1 + offset, what


def _class_diagram(lines: list[str], source: Source, rooms: set[str]) -> Iterator[tuple[int, str]]:
    inside = ""
    for offset, line in enumerate(lines):
        if inside:
            if line.strip() == "}":
                inside = ""
            elif (member := re.match(r"\s*[+#-]?(\w+)(\(\))?\s*$", line)) and member.group(1) not in source.members(inside):
                yield offset, f"{inside} declares no {member.group(1)}"
            elif not member and "<<" not in line:
                yield offset, f"a member is a name alone: {line.strip()}"
        elif made := re.match(r"\s*class\s+(\w+)\s*(\{)?", line):
            if made.group(1) not in source.classes:
                yield offset, f"there is no class {made.group(1)}"
            inside = made.group(1) if made.group(2) else ""
        elif room := re.match(r"\s*namespace\s+(\w+)\s*\{", line):
            if room.group(1) not in rooms:
                yield offset, f"there is no room {room.group(1)}"
        elif arrow := ARROW.match(line):
            yield from ((offset, what) for what in _wrong_in(arrow, source))


def _wrong_in(arrow: re.Match[str], source: Source) -> Iterator[str]:
    left, sign, right = arrow.groups()
    for name in (left, right):
        if name not in source.classes:
            yield f"there is no class {name}"
    if "<|" in sign:
        if left not in source.bases(right):
            yield f"{left} is no base of {right}"
    elif right not in source.words(left):
        yield f"{left} does not know {right}"


def _flow_chart(lines: list[str], source: Source, rooms: set[str]) -> Iterator[tuple[int, str]]:
    for offset, line in enumerate(lines):
        for owner, name in re.findall(r"\b(\w+)::(\w+)", line):
            if owner in rooms:
                if not source.has_function(owner, name):
                    yield offset, f"{owner} has no function {name}"
            elif owner not in source.classes:
                yield offset, f"there is no class {owner}"
            elif name not in source.members(owner):
                yield offset, f"{owner} declares no {name}"

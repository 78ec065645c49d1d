"""What a C++ file declares, read from its braces: the functions, the classes with their members, and the variables of no class.

It knows our formatting and no more grammar than the rules of tidy.py need. `outline(code)` takes code without comments and
without the insides of literals (tidy.code_of); places are offsets into it.
"""

import re
from dataclasses import dataclass, field

TEMPLATE = re.compile(r"\s*template\s*<(?:[^<>]|<(?:[^<>]|<[^<>]*>)*>)*>")
ACCESS = re.compile(r"\b(public|protected|private)\s*$")
OPERATOR = re.compile(r"\boperator\s*(?:\(\)|\[\]|[^\s\w(]{1,3}|bool\b|\w+)")


@dataclass(frozen=True)
class Function:
    name: str  # with what it is qualified by: "Home::put"
    begin: int  # of its signature
    end: int  # of its closing brace


@dataclass(frozen=True)
class Member:
    access: str
    text: str
    begin: int


@dataclass
class Class:
    name: str
    kind: str  # class, struct, union
    bases: str
    begin: int
    end: int = 0
    members: list[Member] = field(default_factory=list)

    def names(self) -> set[str]:
        """Of its members, functions and data."""
        return {name for member in self.members for name in [name_of(member.text)] if name}


@dataclass
class Outline:
    functions: list[Function] = field(default_factory=list)
    classes: list[Class] = field(default_factory=list)
    variables: list[Member] = field(default_factory=list)  # of namespaces


def is_function(head: str) -> bool:
    """Whether a declaration is of a function: parentheses outside of any initialiser."""
    head = OPERATOR.sub("operator_", head)
    if re.match(r"[\w\s:<>,&*]+\(\s*\*\s*\w+\s*\)\s*\(", head):
        return False  # a pointer to one
    return "(" in head and "=" not in without_parentheses(head).split("(")[0]


def without_parentheses(text: str) -> str:
    """`f(a, (b))` -> `f()`: what stands outside of them."""
    while (shorter := re.sub(r"\([^()]+\)", "()", text)) != text:
        text = shorter
    return text


def name_of(text: str) -> str:
    """What a declaration declares: the last word before its parentheses, its initialiser or its end."""
    text = OPERATOR.sub("operator_", TEMPLATE.sub("", text))
    before = re.split(r"\(|=|\{", text, maxsplit=1)[0]
    words = re.findall(r"~?[\w:]*\w", before)
    return words[-1] if words else ""


class _Reader:
    def __init__(self, code: str):
        self.code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda match: re.sub(r"[^\n]", " ", match.group(0)), code,
                           flags=re.MULTILINE)
        self.found = Outline()
        self.scopes: list[tuple[str, Class | None]] = []
        self.access: list[str] = []

    def closing(self, at: int) -> int:
        """The brace that closes the one at `at`."""
        depth = 0
        for match in re.compile(r"[{}]").finditer(self.code, at):
            depth += 1 if match.group(0) == "{" else -1
            if depth == 0:
                return match.start()
        return len(self.code) - 1

    def begin_of(self, start: int) -> int:
        while start < len(self.code) and self.code[start].isspace():
            start += 1
        return start

    def declare(self, start: int, end: int) -> None:
        text = self.code[start:end].strip()
        if not text:
            return
        inner = self.scopes[-1][1] if self.scopes else None
        member = Member(self.access[-1] if inner else "", text, self.begin_of(start))
        if inner:
            inner.members.append(member)
        elif not is_function(text):
            self.found.variables.append(member)

    def opened(self, start: int, at: int) -> tuple[int, int]:
        """At the brace at `at`, behind a head that begins at `start`: where to go on, and where the next head begins."""
        head = TEMPLATE.sub("", self.code[start:at]).strip()
        if re.search(r"\bnamespace\b|\bextern\s*\"\"\s*$", head) and "=" not in head:
            self.scopes.append(("namespace", None))
            self.access.append("")
            return at + 1, at + 1
        if re.search(r"\benum\b", head):
            return self.closing(at) + 1, start
        kind = re.match(r"(?:typedef\s+)?(class|struct|union)\b\s*((?:\[\[\w+\]\]|alignas\([^)]*\))\s*)*([\w:]*)(?:<[^{]*>)?"
                        r"\s*(?:final)?\s*(:(?!:)[^{]*)?$", head)
        if kind:
            made = Class(kind.group(3).split("::")[-1], kind.group(1), kind.group(4) or "", self.begin_of(start))
            self.found.classes.append(made)
            self.scopes.append(("class", made))
            self.access.append("private" if made.kind == "class" else "public")
            return at + 1, at + 1
        end = self.closing(at)
        if not is_function(head):
            return end + 1, start  # an initialiser: the declaration goes on to its semicolon
        following = self.code[self.begin_of(end + 1):][:1]
        if following in (",", "{"):
            return end + 1, start  # a member's initialiser before the constructor's body
        self.found.functions.append(Function(self.qualified(head), self.begin_of(start), end))
        if self.scopes and (inner := self.scopes[-1][1]):
            inner.members.append(Member(self.access[-1], head, self.begin_of(start)))
        return end + 1, end + 1

    def qualified(self, head: str) -> str:
        name = name_of(head)
        inner = self.scopes[-1][1] if self.scopes else None
        return f"{inner.name}::{name}" if inner else name

    def closed(self, at: int) -> None:
        if self.scopes:
            inner = self.scopes.pop()[1]
            self.access.pop()
            if inner:
                inner.end = at

    def read(self) -> Outline:
        start, at, depth = 0, 0, 0
        while at < len(self.code):
            sign = self.code[at]
            if sign in "([":
                depth += 1
            elif sign in ")]":
                depth -= 1
            elif depth == 0 and sign == ";":
                self.declare(start, at)
                start = at + 1
            elif depth == 0 and sign == "{":
                at, start = self.opened(start, at)
                continue
            elif depth == 0 and sign == "}":
                self.closed(at)
                start = at + 1
            elif depth == 0 and sign == ":" and self.access and (label := ACCESS.search(self.code, start, at)):
                if self.code[at + 1:at + 2] != ":" and self.scopes[-1][1] and not self.code[start:label.start()].strip():
                    self.access[-1] = label.group(1)
                    start = at + 1
            at += 1
        return self.found


def outline(code: str) -> Outline:
    return _Reader(code).read()

#!/usr/bin/python3
"""The repository checks its own shape: which folder may include which, and the habits that no compiler enforces.

    tools/tidy.py [ROOT]     one line per finding, `file:line: rule: what`; ends 1 if there is any

Each rule is a function from a Repository to findings. tools/tidy_test.py shows each of them red on a planted example.
A line that must break a rule says why: `// tidy-allow: REASON`.
"""

import ast
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Iterator

import cpp_outline
import diagrams

# What each room of src/ may include besides itself: the arrows of ARCHITECTURE.md, here and nowhere else.
ARROWS = {
    "base": set(),
    "disk": {"base"},
    "database": {"base"},
    "login": {"base"},
    "accounts": {"base", "database", "login"},
    "storage": {"base", "disk"},
    "wire": {"base"},
    "net": {"base"},
    "services": {"base", "wire", "net"},
    "frontends": {"base", "login", "accounts", "storage", "wire", "net"},
    "server": {"base", "disk", "database", "login", "accounts", "storage", "wire", "net", "frontends"},
    "client": {"base", "disk", "wire", "net", "login"},
    "cli": {"base", "disk", "database", "login", "accounts", "storage", "wire", "net", "frontends", "server", "client"},
}

# A lesson of examples/ reads top to bottom: it may include these, and `lesson`, what every lesson's main does.
LESSON_ARROWS = {"base", "wire", "net", "lesson"}
# What several lessons share, each with the one room more that is its reason: commands run within limits, and files appear
# whole or not at all, where the product does it as well.
LESSON_ROOMS = {"remote_command": {"services"}, "upload": {"disk"}}

# What stands apart from src/: it includes itself and what comes from outside, and no room includes it.
APART = {"ipsec_mb"}

# What comes from outside and has one home: the rooms that may include it.
HOMES = {
    r"openssl/(ssl|bio|x509|pem|err)\b": {"net", "ipsec_mb"},
    r"intel-ipsec-mb\.h": {"ipsec_mb"},
    r"boost/asio|sys/socket\.h|netinet/|sys/un\.h": {"net"},
    r"sqlite3\.h": {"database"},
    r"gsasl\.h|argon2\.h": {"login"},
    r"boost/json": {"wire", "client", "cli", "server"},
    r"histedit\.h|editline/": {"cli"},
    r"CLI/|CLI11": {"cli", "lesson"},
    r"toml\+\+": {"server", "client"},
    r"blake3\.h|spdlog/": {"base"},
}

COLUMNS = 110
LINES = 500
FUNCTION_LINES = 80
LESSON_LINES = 120  # of one file of a lesson: it is read in one sitting
# What the compiler must be asked for, and that what it says is an error.
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wnon-virtual-dtor", "-Wsuggest-override", "-Werror"]
# The wrappers: the only files that may say these words naked.
OWNERS = {"src/base/unique_fd.cpp", "src/base/unique_fd.h"}


@dataclass(frozen=True)
class Finding:
    file: str
    line: int
    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.rule}: {self.what}"


@dataclass
class Repository:
    root: Path
    files: list[str] = field(default_factory=list)
    _outlines: dict[str, tuple[str, cpp_outline.Outline]] = field(default_factory=dict)

    @classmethod
    def at(cls, root: Path) -> "Repository":
        listing = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "-z"], capture_output=True, text=True)
        if listing.returncode == 0:
            names = [name for name in listing.stdout.split("\0") if name]
        else:  # not a git checkout
            names = [str(path.relative_to(root)) for path in root.rglob("*")]
            names = [name for name in names if not re.match(r"(build|\.deps|\.cache|\.git)\b", name)]
        return cls(root, sorted(name for name in names if (root / name).is_file()))

    def text(self, name: str) -> str:
        return (self.root / name).read_text(encoding="utf-8", errors="replace")

    def lines(self, name: str) -> Iterator[tuple[int, str]]:
        return enumerate(self.text(name).splitlines(), start=1)

    def outline(self, name: str) -> tuple[str, cpp_outline.Outline]:
        """The code of a C++ file and what it declares."""
        if name not in self._outlines:
            code = code_of(self.text(name))
            self._outlines[name] = code, cpp_outline.outline(code)
        return self._outlines[name]

    def cpp(self) -> list[str]:
        return [name for name in self.files if name.endswith((".h", ".cpp"))]

    def python(self) -> list[str]:
        return [name for name in self.files if name.endswith(".py")]


def code_of(text: str) -> str:
    """C++ without comments and without the insides of literals, line for line: what is left are words of the program."""
    pattern = r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\''

    def blank(match: re.Match[str]) -> str:
        token = match.group(0)
        quoted = '""' if token[0] in "R\"'" else ""
        return quoted + "\n" * token.count("\n")

    return re.sub(pattern, blank, re.sub(r"(?<=\d)'(?=\d)", "", text), flags=re.DOTALL)


def search_code(repository: Repository, rule: str, pattern: str, what: str,
                where: Callable[[str], bool] = lambda name: True) -> Iterator[Finding]:
    for name in filter(where, repository.cpp()):
        text = repository.text(name)
        lines = text.splitlines()
        code = code_of(text)
        for match in re.finditer(pattern, code):
            if match.groupdict().get("fine"):
                continue
            number = code.count("\n", 0, match.start()) + 1
            if "tidy-allow:" not in lines[number - 1]:
                yield Finding(name, number, rule, what)


def include_arrows(repository: Repository) -> Iterator[Finding]:
    for name in repository.cpp():
        parts = name.split("/")
        if parts[0] not in APART and (parts[0] not in ("src", "examples") or len(parts) < 3):
            continue
        room = parts[0] if parts[0] in APART else parts[1]
        if parts[0] == "src" and room not in ARROWS:
            yield Finding(name, 1, "arrow", f"src/{room} is not a room of tools/tidy.py's table")
            continue
        if parts[0] in APART:
            allowed = set()
        else:
            allowed = ARROWS[room] if parts[0] == "src" else {*LESSON_ARROWS, *LESSON_ROOMS.get(room, LESSON_ROOMS)}
        for number, line in repository.lines(name):
            if own := re.match(r'\s*#\s*include\s+"([^"]+)"', line):
                target = own.group(1).split("/")[0]
                if "/" not in own.group(1) or target not in {*ARROWS, *LESSON_ROOMS, "lesson", room}:
                    yield Finding(name, number, "arrow", f'"{own.group(1)}" does not begin with a room')
                elif target != room and target not in allowed:
                    yield Finding(name, number, "arrow", f"{room} may not include {target}")
            elif outside := re.match(r"\s*#\s*include\s+<([^>]+)>", line):
                for pattern, homes in HOMES.items():
                    if re.match(pattern, outside.group(1)) and room not in homes and "tidy-allow:" not in line:
                        homes_text = " and ".join(sorted(homes))
                        yield Finding(name, number, "arrow", f"<{outside.group(1)}> belongs to {homes_text}")


def lesson_files(listed: str) -> str:
    """The files that the calls of sampan_lesson(FOLDER [PROGRAM...] [SOURCES FILE...]) in a list stand for."""
    files = []
    for call in re.findall(r"^sampan_lesson\(([^)]*)\)", listed, flags=re.MULTILINE):
        folder, *words = call.split()
        files += [f"{folder}/{word}" for word in [*words, f"test_{folder}"]]
        if not words or words[0] == "SOURCES":
            files.append(f"{folder}/{folder}")
    return "\n" + "\n".join(files)


def build_lists(repository: Repository) -> Iterator[Finding]:
    """Every source is in its folder's list, and no list links against the arrows."""
    for name in repository.files:
        parts = name.split("/")
        is_source = parts[0] in ("src", "tests", "fuzz", "examples", "bench", *APART) and name.endswith(".cpp")
        is_test = parts[0] in ("tests", "examples") and parts[-1].startswith("test_") and name.endswith(".py")
        if is_source or is_test:
            folder = Path(name).parent
            while not (repository.root / folder / "CMakeLists.txt").is_file() and folder != Path("."):
                folder = folder.parent
            listed = repository.text(str(folder / "CMakeLists.txt")) if folder != Path(".") else ""
            if parts[0] == "examples":
                listed += lesson_files(listed)
            inner = str(Path(name).relative_to(folder))
            if not re.search(r"(?<![\w/.])" + re.escape(inner.removesuffix(".py")) + r"(?![\w])", listed) \
                    and not re.search(r"(?<![\w/.])" + re.escape(inner.removesuffix(".cpp")) + r"(?![\w])", listed):
                yield Finding(name, 1, "not-built", "in no CMakeLists.txt")
        if parts[0] == "src" and len(parts) == 3 and parts[2] == "CMakeLists.txt":
            for number, line in repository.lines(name):
                for target in re.findall(r"\bsampan_(\w+)\b", line):
                    if target in ARROWS and target != parts[1] and target not in ARROWS.get(parts[1], set()):
                        yield Finding(name, number, "arrow", f"{parts[1]} may not link {target}")


def pragma_once(repository: Repository) -> Iterator[Finding]:
    for name in repository.cpp():
        if name.endswith(".h") and not re.match(r"\s*#pragma once\b", code_of(repository.text(name))):
            yield Finding(name, 1, "pragma-once", "a header begins with #pragma once")


def markers(repository: Repository) -> Iterator[Finding]:
    for name in repository.cpp() + repository.python() + [n for n in repository.files if n.endswith((".txt", ".sh"))]:
        for number, line in repository.lines(name):
            if re.search(r"\b(FIXM[E]|XX[X])\b|\bTOD[O]\b(?!\((perf|security|clean|later|test)\):)", line):
                yield Finding(name, number, "marker", "a bare marker: give it a kind, as in (perf), (security), (clean), (later), (test)")


def long_lines(repository: Repository) -> Iterator[Finding]:
    for name in repository.cpp():
        for number, line in repository.lines(name):
            if len(line) > COLUMNS and "tidy-allow:" not in line:
                yield Finding(name, number, "columns", f"{len(line)} columns, at most {COLUMNS}")


def long_files(repository: Repository) -> Iterator[Finding]:
    for name in repository.cpp() + repository.python():
        count = repository.text(name).count("\n")
        if count > LINES:
            yield Finding(name, LINES, "length", f"{count} lines, at most {LINES}: it is two things")


def line_at(code: str, place: int) -> int:
    return code.count("\n", 0, place) + 1


def long_functions(repository: Repository) -> Iterator[Finding]:
    """From a function's signature to its closing brace."""
    for name in repository.cpp():
        code, outline = repository.outline(name)
        for function in outline.functions:
            count = code.count("\n", function.begin, function.end) + 1
            if count > FUNCTION_LINES:
                yield Finding(name, line_at(code, function.begin), "function-length",
                              f"{function.name}: {count} lines, at most {FUNCTION_LINES}: name its steps")
    for name in repository.python():
        for node in ast.walk(ast.parse(repository.text(name))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                count = node.end_lineno - node.lineno + 1
                if count > FUNCTION_LINES:
                    yield Finding(name, node.lineno, "function-length", f"{node.name}: {count} lines, at most {FUNCTION_LINES}")


def long_lessons(repository: Repository) -> Iterator[Finding]:
    for name in repository.cpp():
        count = repository.text(name).count("\n")
        if re.match(r"examples/s\d\d_", name) and count > LESSON_LINES:
            yield Finding(name, LESSON_LINES, "lesson-length", f"{count} lines, at most {LESSON_LINES}: one idea a file")


def is_constant(declaration: str) -> bool:
    if re.search(r"\bconstexpr\b", declaration):
        return True
    pointer = re.search(r"\*(?!\s*const\b)[^>]*$", declaration)
    return bool(re.search(r"\bconst\b", declaration)) and not pointer


def mutable_globals(repository: Repository) -> Iterator[Finding]:
    """What one part of a program changes behind another's back: variables of namespaces, of classes, and static ones of functions."""
    what = "mutable state outside of any object: give it an owner, or say with tidy-allow why there is one"
    no_variable = r"(using|typedef|namespace|friend|static_assert|class|struct|enum|union|concept|template|extern\s+template)\b"
    for name in repository.cpp():
        lines = repository.text(name).splitlines()
        code, outline = repository.outline(name)
        places = []
        for variable in outline.variables:
            text = cpp_outline.TEMPLATE.sub("", variable.text).strip()
            if not re.match(no_variable, text) and not is_constant(text.split("=")[0]):
                places.append(variable.begin)
        for made in outline.classes:
            places += [member.begin for member in made.members
                       if re.match(r"(inline\s+)?(static|thread_local)\b", member.text)
                       and not cpp_outline.is_function(member.text) and not is_constant(member.text.split("=")[0])]
        for function in outline.functions:
            body = code[function.begin:function.end]
            for match in re.finditer(r"\b(?:static|thread_local)\b([^;={(]*)([;={]|\([^;{}]*\)[^;{}]*[;{])", body):
                is_a_function = match.group(2).startswith("(") and match.group(2).endswith("{")
                if match.start() > body.find("{") and not is_a_function and not is_constant(match.group(1)):
                    places.append(function.begin + match.start())
        for line in sorted({line_at(code, place) for place in places}):
            if "tidy-allow:" not in lines[line - 1]:
                yield Finding(name, line, "global", what)


def public_data(repository: Repository) -> Iterator[Finding]:
    """A struct is its data; a class keeps a promise about its own, so nobody else writes it."""
    no_data = r"(using|typedef|friend|class|struct|enum|union|static\s+constexpr|static\s+const|static_assert|template)\b"
    for name in repository.cpp():
        in_test = name.endswith("_test.cpp") or "/testing/" in name
        code, outline = repository.outline(name)
        for made in outline.classes:
            for member in made.members:
                is_data = not cpp_outline.is_function(member.text) and not re.match(no_data, member.text)
                shown = member.access == "public" or member.access == "protected" and not in_test  # a fixture's
                if made.kind == "class" and is_data and shown:
                    yield Finding(name, line_at(code, member.begin), "public-data",
                                  f"{made.name} is a class: {cpp_outline.name_of(member.text)} belongs to it alone")
                if made.kind == "struct" and member.access == "private" and is_data:
                    yield Finding(name, line_at(code, member.begin), "public-data", f"{made.name} has private data: it is a class")


def warnings(repository: Repository) -> Iterator[Finding]:
    """Every target of ours is compiled with all warnings, which are errors in every preset."""
    page, presets = "cmake/sampan_build.cmake", "CMakePresets.json"
    if page not in repository.files:
        return
    asked = re.sub(r"#.*", "", repository.text(page))
    for warning in WARNINGS:
        if not re.search(rf"(?<![\w-]){warning}(?![\w-])", asked):
            yield Finding(page, 1, "warnings", f"{warning} is not asked for")
    if not re.search(r'"name": "base",[^\n]*"SAMPAN_WERROR": "ON"', repository.text(presets)):
        yield Finding(presets, 1, "warnings", "SAMPAN_WERROR is not ON in the base of all presets")
    for name in [name for name in repository.files if name.endswith(("CMakeLists.txt", "sampan_room.cmake"))]:
        text = re.sub(r"#.*", "", repository.text(name))
        for target in re.findall(r"\badd_(?:library|executable)\(\s*([^\s)]+)", text):
            named = re.escape(target) + (r"|\$\{target\}" if "$" in target else "")  # several in one loop
            if not re.search(rf"target_link_libraries\((?:{named})\s[^)]*\bsampan_flags\b", text):
                yield Finding(name, 1, "warnings", f"{target} does not use sampan_flags")


def naked_resources(repository: Repository) -> Iterator[Finding]:
    def in_product(name: str) -> bool:
        return name.split("/")[0] in ("src", *APART) and name not in OWNERS

    # A private constructor leaves no other way than unique_ptr<T>(new T(..)): owned from the first moment.
    yield from search_code(repository, "naked", r"(?P<fine>_ptr<[^;()]*>\s*\w*\(\s*)?(?<![\w.])new\s+[\w:(]",
                           "new: use a container or make_unique", in_product)
    yield from search_code(repository, "naked", r"(?<!=)(?<!= )\bdelete\b(?!\s*;|\w)(\s*\[\s*\])?\s+[\w*(]",
                           "delete: give it an owner", in_product)
    yield from search_code(repository, "naked", r"(?<![\w.>~:])(::)?close\s*\(\s*[^)\s]", "close(): use UniqueFd", in_product)
    yield from search_code(repository, "naked", r"(?<![\w.>])(std::)?(malloc|calloc|realloc|free)\s*\(",
                           "C memory: give it an owner", in_product)


def coroutines(repository: Repository) -> Iterator[Finding]:
    """Forms that g++ 12 compiles into a double free: docs/decisions has the table."""
    forms = [
        (r"co_spawn\s*\(\s*co_await", "co_spawn(co_await ..): name the executor first"),
        (r"co_await\b[^;{}]*?[(,]\s*\[(?!\s*\])(?!\s*(&\s*\w*|this)(\s*,\s*(&\s*\w*|this))*\s*\])[^\]\[]*\]\s*(\(|\{|mutable)",
         "a lambda that captures by value inside co_await: name it first"),
        (r"\?\s*\(?\s*co_await\b", "b ? co_await x : co_await y: use if/else"),
        (r"co_await\s*\([^;()]*\?", "co_await (b ? x : y): use if/else"),
        (r"co_await\b[^;{}]*?\{\s*\.\w", "an aggregate made inside co_await: name it first"),
        (r"\(\{[^}]*\bco_await\b", "co_await in a statement expression"),
        (r"\b(if|while)\s*\((?:[^(){};=]|[=!<>]=|\((?:[^(){};]|\([^(){};]*\))*\)|\()*?\bco_await\b",
         "co_await as a condition: name its value (if (const bool x = co_await ..))"),
    ]
    for pattern, what in forms:
        yield from search_code(repository, "coroutine", pattern, what)


def machine_paths(repository: Repository) -> Iterator[Finding]:
    machine = "|".join(["/wor" + "k/", "/roo" + "t/", "/tmp/bu" + "ild", "/tmp/bri" + "ef"])
    for name in repository.files:
        if name.endswith((".h", ".cpp", ".py", ".sh", ".md", ".txt", ".json", ".cmake")) or "/" not in name:
            for number, line in repository.lines(name):
                if re.search(rf"(?<![\w.])({machine})", line):
                    yield Finding(name, number, "machine-path", "a path of one machine")


def architecture_page(repository: Repository) -> Iterator[Finding]:
    """ARCHITECTURE.md names what is there, and all of it."""
    page = "ARCHITECTURE.md"
    if page not in repository.files:
        yield Finding(page, 1, "architecture", "missing")
        return
    text = repository.text(page)
    there = {name.split("/")[1] for name in repository.files if name.startswith("src/") and name.count("/") > 1}
    table = set(re.findall(r"^\| `src/(\w+)/` \|", text, flags=re.MULTILINE))
    for room in sorted(there - table):
        yield Finding(page, 1, "architecture", f"the folder table lacks src/{room}/")
    for room in sorted(table - there):
        yield Finding(page, 1, "architecture", f"src/{room}/ does not exist")
    for number, line in repository.lines(page):
        for named in re.findall(r"`((?:%s)/[\w/.]+)`" % "|".join(ARROWS), line):
            stem = f"src/{named}".rstrip("/")
            if not any(name == stem or name.startswith((stem + ".", stem + "/")) for name in repository.files):
                yield Finding(page, number, "architecture", f"src/{named} does not exist")


def class_page(repository: Repository) -> Iterator[Finding]:
    """The diagrams of docs/classes.md name what there is."""
    page = "docs/classes.md"
    if page in repository.files:
        source = diagrams.Source([(name.split("/")[1], *repository.outline(name)) for name in repository.cpp()
                                  if name.startswith("src/") and name.count("/") > 1])
        for line, what in diagrams.check(repository.text(page), source, set(ARROWS)):
            yield Finding(page, line, "diagram", what)


def links(repository: Repository) -> Iterator[Finding]:
    """What a page of this repository links to is there."""
    for name in [name for name in repository.files if name.endswith(".md")]:
        for number, line in repository.lines(name):
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", line):
                if "://" not in target and not (repository.root / name).parent.joinpath(target).exists():
                    yield Finding(name, number, "link", f"{target} does not exist")


def requirements_page(repository: Repository) -> Iterator[Finding]:
    """Each test that docs/requirements.md names exists, and says itself that it proves that check."""
    page = "docs/requirements.md"
    if page not in repository.files:
        return
    for number, line in repository.lines(page):
        row = re.match(r"\| (R\d+\.\d+) \|", line)
        if not row:
            continue
        for file, test in re.findall(r"`([\w/.]+)::([\w.]+)`", line):
            text = repository.text(file) if file in repository.files else ""
            last = test.split(".")[-1]
            if not re.search(rf"\b{last}\b", text):
                yield Finding(page, number, "requirement", f"{file}::{test} does not exist")
            elif row.group(1) not in re.findall(r"R\d+\.\d+", text):
                yield Finding(page, number, "requirement", f"{file} does not say that it proves {row.group(1)}")


RULES = [include_arrows, build_lists, pragma_once, markers, long_lines, long_files, long_functions, long_lessons,
         mutable_globals, public_data, warnings, naked_resources, coroutines, machine_paths, architecture_page, class_page,
         links, requirements_page]


def check(root: Path) -> list[Finding]:
    repository = Repository.at(root)
    return [finding for rule in RULES for finding in rule(repository)]


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    findings = check(root)
    for finding in findings:
        print(finding)
    print(f"tidy: {len(findings)} findings in {len(Repository.at(root).files)} files, {len(RULES)} rules")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
"""Each rule of tidy.py goes red on a planted example, and only on that."""

import tempfile
import unittest
from pathlib import Path

import pytest

import tidy

proves = pytest.mark.proves

PAGE = "# Architecture\n\n| `src/base/` | words |\n| `src/net/` | sockets |\n"
LISTS = {"src/base/CMakeLists.txt": "sampan_room(base SOURCES a.cpp)\n",
         "src/net/CMakeLists.txt": "sampan_room(net SOURCES b.cpp USES sampan_base)\n"}
GOOD = {"ARCHITECTURE.md": PAGE, **LISTS,
        "src/base/a.cpp": '#include "base/a.h"\n', "src/base/a.h": "#pragma once\n",
        "src/net/b.cpp": '#include "base/a.h"\n\n#include <boost/asio/awaitable.hpp>\n'}


def rules_broken(changes: dict[str, str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {**GOOD, **changes}.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return sorted({finding.rule for finding in tidy.check(Path(folder))})


def in_function(statement: str) -> dict[str, str]:
    return {"src/base/a.cpp": f'#include "base/a.h"\nvoid f() {{\n  {statement}\n}}\n'}


class TidyTest(unittest.TestCase):
    def test_a_clean_repository_has_no_findings(self):
        self.assertEqual(rules_broken({}), [])

    def test_requirements_name_real_tests(self):
        row = "| R1.1 | many | `tests/test_a.py::test_many` | |\n"
        test = {"tests/CMakeLists.txt": "sampan_system_test(test_a)\n",
                "tests/test_a.py": '@proves("R1.1")\ndef test_many(): pass\n'}
        self.assertEqual(rules_broken({"docs/requirements.md": row, **test}), [])
        self.assertEqual(rules_broken({"docs/requirements.md": row.replace("many`", "few`"), **test}), ["requirement"])
        self.assertEqual(rules_broken({"docs/requirements.md": row.replace("R1.1", "R1.2"), **test}), ["requirement"])

    @proves("R10.6")
    def test_arrows(self):
        self.assertEqual(rules_broken({"src/base/a.cpp": '#include "net/b.h"\n'}), ["arrow"])
        self.assertEqual(rules_broken({"src/base/a.cpp": '#include "a.h"\n'}), ["arrow"])
        self.assertEqual(rules_broken({"src/base/a.cpp": "#include <openssl/ssl.h>\n"}), ["arrow"])
        self.assertEqual(rules_broken({"src/base/CMakeLists.txt": "sampan_room(base SOURCES a.cpp USES sampan_net)\n"}),
                         ["arrow"])

    def test_what_stands_apart(self):
        apart = {"ipsec_mb/CMakeLists.txt": "add_library(x a.cpp)\ntarget_link_libraries(x sampan_flags)\n"}
        for text, rules in (('#include "ipsec_mb/b.h"\n', []), ("#include <openssl/err.h>\n", []),
                            ("#include <intel-ipsec-mb.h>\n", []), ('#include "base/b.h"\n', ["arrow"]),
                            ("#include <sqlite3.h>\n", ["arrow"]), ("void f() {\n  delete thing;\n}\n", ["naked"])):
            self.assertEqual(rules_broken({**apart, "ipsec_mb/a.cpp": text}), rules, text)
        self.assertEqual(rules_broken({**apart, "ipsec_mb/b.cpp": "int b();\n"}), ["not-built"])
        for text in ('#include "ipsec_mb/b.h"\n', "#include <intel-ipsec-mb.h>\n"):
            self.assertEqual(rules_broken({"src/base/a.cpp": text}), ["arrow"], text)

    def test_every_source_is_built(self):
        self.assertEqual(rules_broken({"src/base/forgotten.cpp": '#include "base/a.h"\n'}), ["not-built"])
        self.assertEqual(rules_broken({"tests/CMakeLists.txt": "\n", "tests/end_to_end/test_x.py": "\n"}), ["not-built"])
        self.assertEqual(rules_broken({"tests/CMakeLists.txt": "t(end_to_end/test_x)\n", "tests/end_to_end/test_x.py": "\n"}),
                         [])

    def test_lessons(self):
        one = {"examples/CMakeLists.txt": "sampan_lesson(s01_a server SOURCES more.cpp)\nsampan_lesson(s02_b)\n",
               "examples/s01_a/server.cpp": '#include "lesson/program.h"\n#include "net/b.h"\n#include "s01_a/more.h"\n',
               "examples/s01_a/more.cpp": "int a();\n", "examples/s02_b/s02_b.cpp": "int b();\n",
               "examples/s01_a/test_s01_a.py": "\n", "examples/s02_b/test_s02_b.py": "\n"}
        self.assertEqual(rules_broken(one), [])
        for text in ('#include "storage/home.h"\n', '#include "s02_b/b.h"\n', '#include "more.h"\n',
                     "#include <sys/socket.h>\n", "#include <CLI/App.hpp>\n"):
            self.assertEqual(rules_broken({**one, "examples/s01_a/more.cpp": text}), ["arrow"], text)
        shared = {**one, "examples/CMakeLists.txt": one["examples/CMakeLists.txt"] + "add_library(x upload/box.cpp)\n"}
        for text, rules in (('#include "disk/a.h"\n', []), ('#include "services/a.h"\n', ["arrow"])):
            self.assertEqual(rules_broken({**shared, "examples/upload/box.cpp": text}), rules, text)
        self.assertEqual(rules_broken({**one, "examples/s01_a/more.cpp": '#include "upload/box.h"\n'}), [])
        self.assertEqual(rules_broken({**one, "examples/s01_a/more.cpp": '#include "disk/a.h"\n'}), ["arrow"])
        for name in ("examples/s01_a/client.cpp", "examples/s02_b/server.cpp", "examples/s01_a/test_s01_b.py",
                     "examples/s03_c/test_s03_c.py"):
            self.assertEqual(rules_broken({**one, name: "\n"}), ["not-built"], name)

    def test_headers(self):
        self.assertEqual(rules_broken({"src/base/a.h": "// Words.\nint a();\n"}), ["pragma-once"])
        self.assertEqual(rules_broken({"src/base/a.h": "// Words.\n#pragma once\n"}), [])

    def test_markers(self):
        self.assertEqual(rules_broken({"src/base/a.h": "#pragma once\n// TO" "DO: faster\n"}), ["marker"])
        self.assertEqual(rules_broken({"src/base/a.h": "#pragma once\n// FIX" "ME\n"}), ["marker"])
        self.assertEqual(rules_broken({"src/base/a.h": "#pragma once\n// TO" "DO(perf): faster\n"}), [])

    @proves("R10.6")
    def test_sizes(self):
        self.assertEqual(rules_broken({"src/base/a.h": "#pragma once\n// " + 108 * "x" + "\n"}), ["columns"])
        self.assertEqual(rules_broken({"src/base/a.h": "#pragma once\n// " + 107 * "字" + "\n"}), [])
        self.assertEqual(rules_broken({"src/base/a.h": "#pragma once\n" + 500 * "\n"}), ["length"])

    @proves("R10.6")
    def test_long_functions(self):
        for before, signature, after in (
                ("", "void f() {", ""), ("", "int Home::put(int a,\n  int b) const {", ""), ("", "TEST(A, b) {", ""),
                ("", "Home::Home(int a) : a_{a}, b_(a) {", ""), ("", "template <class T>\nbool operator==(const T& a, const T& b) {", ""),
                ("struct A {\n", "  A(B b = {}) : b_(b) {", "};\n"), ("class A : B {\n  int a_ = 0;\n\n public:\n", "  void f() override {", "};\n")):
            steps = 80 - 2 - signature.count("\n")
            text = '#include "base/a.h"\nnamespace a {\n' + before + signature + "\n" + steps * "  step();\n" + "}\n" + after + "}\n"
            self.assertEqual(rules_broken({"src/base/a.cpp": text}), [], signature)
            longer = text.replace("  step();\n", "  if (a) {\n  }\n", 1)
            self.assertEqual(rules_broken({"src/base/a.cpp": longer}), ["function-length"], signature)
        table = "const int table[] = {\n" + 100 * "  1,\n" + "};\n"
        self.assertEqual(rules_broken({"src/base/a.cpp": '#include "base/a.h"\n' + table + "class A {\n" + 100 * "  int f();\n" + "};\n"}), [])
        self.assertEqual(rules_broken({"tools/a.py": "def f():\n" + 79 * "    g()\n"}), [])
        self.assertEqual(rules_broken({"tools/a.py": "def f():\n" + 80 * "    g()\n"}), ["function-length"])

    def test_long_lessons(self):
        lesson = {"examples/CMakeLists.txt": "sampan_lesson(s01_a)\n", "examples/s01_a/test_s01_a.py": "\n"}
        self.assertEqual(rules_broken({**lesson, "examples/s01_a/s01_a.cpp": 120 * "\n"}), [])
        self.assertEqual(rules_broken({**lesson, "examples/s01_a/s01_a.cpp": 121 * "\n"}), ["lesson-length"])

    @proves("R10.5")
    def test_mutable_globals(self):
        def declared(text: str) -> list[str]:
            return rules_broken({"src/base/a.cpp": f'#include "base/a.h"\nnamespace a {{\n{text}\n}}  // namespace a\n'})

        for text in ("int count = 0;", "static int count;", "std::map<int, int> names{{1, 2}};", "inline std::mutex mutex;",
                     "const char* word = nullptr;", "thread_local int depth = 0;", "extern int count;", "void (*hook)(int) = nullptr;",
                     "int f() {\n  static int count = 0;\n  return ++count;\n}", "void f() {\n  static std::mutex mutex;\n}",
                     "void f() {\n  thread_local std::string room(3, 'a');\n}", "class A {\n  static int count_;\n};",
                     "class A {\n  inline static std::vector<int> all_{};\n};",
                     "void f() {\n  static const char* last = nullptr;\n}"):
            self.assertEqual(declared(text), ["global"], text)
        for text in ("const int count = 0;", "constexpr std::array<int, 2> both = {1, 2};", "const char* const word = nullptr;",
                     "int f(int a = 0);", "class A;", "using B = int;", "enum class E { a, b };", "template <class T>\nconstexpr T zero = {};",
                     "void f() {\n  static const std::string word = [] { return 1; }();\n}",
                     "struct A {\n  static constexpr int most = 3;\n  static int count();\n  int own = 0;\n};",
                     "void f() {\n  struct Into {\n    static int store(int a) { return a; }\n  };\n}", "bool operator==(A a, A b);",
                     "int count = 0;  // tidy-allow: one process, one count"):
            self.assertEqual(declared(text), [], text)

    @proves("R10.5")
    def test_public_data(self):
        def members(text: str, name: str = "src/base/a.cpp") -> list[str]:
            lists = {"src/base/CMakeLists.txt": f"sampan_room(base SOURCES a.cpp {Path(name).name})\n"}
            return rules_broken({**lists, name: f'#include "base/a.h"\nnamespace a {{\n{text}\n}}  // namespace a\n'})

        for text in ("class A {\n public:\n  int a = 0;\n};", "class A : B {\n  int b_;\n\n public:\n  A();\n  std::map<int, int> a;\n};",
                     "class A {\n protected:\n  int a = 0;\n};", "template <class T>\nclass A {\n public:\n  T a{};\n};",
                     "struct A {\n private:\n  int a_ = 0;\n};"):
            self.assertEqual(members(text), ["public-data"], text)
        for text in ("struct A {\n  int a = 0;\n  int b() const;\n};", "class A {\n public:\n  int a() const { return a_; }\n\n private:\n  int a_;\n};",
                     "class A {\n public:\n  static constexpr int most = 3;\n  using B = int;\n  A(const A&) = delete;\n  A& operator=(A&&) = default;\n};",
                     "enum class A { a, b };", "class A {\n public:\n  virtual int f(B b = {}) = 0;\n  enum class E { a };\n};"):
            self.assertEqual(members(text), [], text)
        self.assertEqual(members("class A : T {\n protected:\n  int a = 0;\n};", "src/base/x_test.cpp"), [])

    @proves("R10.5")
    def test_warnings_are_errors(self):
        house = {"cmake/sampan_build.cmake": "f(" + " ".join(tidy.WARNINGS) + ")\n",
                 "CMakePresets.json": '{ "name": "base", "cacheVariables": { "SAMPAN_WERROR": "ON" } }\n'}
        self.assertEqual(rules_broken(house), [])
        for warning in tidy.WARNINGS:
            less = house["cmake/sampan_build.cmake"].replace(warning, "")
            self.assertEqual(rules_broken({**house, "cmake/sampan_build.cmake": less}), ["warnings"], warning)
        self.assertEqual(rules_broken({**house, "CMakePresets.json": house["CMakePresets.json"].replace("ON", "OFF")}), ["warnings"])
        target = "add_executable(x x.cpp)\ntarget_link_libraries(x PRIVATE y sampan_flags)\n"
        self.assertEqual(rules_broken({**house, "fuzz/CMakeLists.txt": target}), [])
        self.assertEqual(rules_broken({**house, "fuzz/CMakeLists.txt": target.replace(" sampan_flags", "")}), ["warnings"])

    @proves("R10.4")
    def test_naked_resources(self):
        for statement in ("auto* p = new Thing(1);", "delete thing;", "delete[] things;", "::close(fd);", "close(fd);",
                          "void* p = malloc(3);", "std::free(p);"):
            self.assertEqual(rules_broken(in_function(statement)), ["naked"], statement)
        for statement in ("Thing(const Thing&) = delete;", "stream.close();", "stream->close(now);", "// new things",
                          'say("delete all");', "std::unique_ptr<Thing>(new Thing());",
                          "std::shared_ptr<Thing> thing(new Thing(1));", "int new_size = 1'000'000;",
                          "::close(fd);  // tidy-allow: the wrapper itself"):
            self.assertEqual(rules_broken(in_function(statement)), [], statement)

    def test_coroutine_forms(self):
        for statement in ("co_spawn(co_await this_coro::executor, f(), detached);",
                          "co_await pool.run([name] { return name; });",
                          "co_await pool.run(1, [&, name = std::move(name)]() mutable { return name; });",
                          "co_await pool.run([=] { return name; });",
                          "auto x = b ? co_await f() : co_await g();",
                          "co_await (b ? f() : g());",
                          "co_await send({.name = name});",
                          "co_await send(\n      Reply{.name = name});",
                          "if (co_await f()) g();", "while (!co_await f()) {\n  }", "if (co_await f() != 0) g();",
                          "while (!ended && co_await f()) g();"):
            self.assertEqual(rules_broken(in_function(statement)), ["coroutine"], statement)
        for statement in ("co_await pool.run([&] { return name; });", "co_await pool.run([this] { go(); });",
                          "auto work = [name] { return name; };\n  co_await pool.run(work);",
                          "for (auto& part : co_await list()) use(part[0]);", "co_await send(items[index]);",
                          "const int n = b ? 1 : 2;\n  co_await f(n);", "if (const bool x = co_await f()) g();",
                          "while (const auto line = co_await next()) co_await g();",
                          "if (auto x = co_await f(); !x) g();"):
            self.assertEqual(rules_broken(in_function(statement)), [], statement)

    def test_machine_paths(self):
        self.assertEqual(rules_broken({"docs/x.md": "see /wor" "k/main\n"}), ["machine-path"])
        self.assertEqual(rules_broken({"docs/x.md": "see build/network/x\n"}), [])

    def test_architecture_page(self):
        self.assertEqual(rules_broken({"ARCHITECTURE.md": "| `src/base/` | words |\n"}), ["architecture"])
        self.assertEqual(rules_broken({"ARCHITECTURE.md": PAGE + "| `src/attic/` | old |\n"}), ["architecture"])
        self.assertEqual(rules_broken({"ARCHITECTURE.md": PAGE + "1. `base/gone` does it.\n"}), ["architecture"])
        self.assertEqual(rules_broken({"ARCHITECTURE.md": PAGE + "1. `base/a` does it.\n"}), [])

    @proves("R10.7")
    def test_class_page(self):
        code = {"src/base/a.h": "#pragma once\nclass A {\n public:\n  virtual int go(int n) const = 0;\n  static A open();\n};\n"
                                "class B final : public A {\n  int go(int n) const override;\n  C* c_;\n};\nclass C;\nint walk();\n",
                "src/base/a.cpp": '#include "base/a.h"\nclass C {};\nint walk() {\n  return 1;\n}\nint B::go(int n) {\n  D d;\n}\nstruct D {};\n'}

        def drawn(kind: str, *lines: str) -> list[str]:
            return rules_broken({**code, "docs/classes.md": "# A\n\n```mermaid\n" + "\n".join([kind, *lines]) + "\n```\n"})

        for lines in (["class A {", "  <<interface>>", "  go()", "  open()", "}"], ["A <|-- B"], ["B --> C : has"], ['B *-- "1" C'],
                      ["B ..> D"], ["namespace base {", "class A", "}"]):
            self.assertEqual(drawn("classDiagram", *lines), [], lines)
        for lines in (["class Gone"], ["class A {", "  stop()", "}"], ["B <|-- A"], ["A --> C"], ["A <|-- Gone"], ["namespace attic {", "}"],
                      ["class A {", "  int go(int n)", "}"]):
            self.assertEqual(drawn("classDiagram", *lines), ["diagram"], lines)
        self.assertEqual(drawn("flowchart TD", 'a["B::go"] --> b["base::walk"]'), [])
        for name in ("B::run", "Gone::go", "base::run", "net::walk"):
            self.assertEqual(drawn("flowchart TD", f'a["{name}"]'), ["diagram"], name)

    def test_links(self):
        self.assertEqual(rules_broken({"docs/x.md": "[map](../MAP.md)\n"}), ["link"])
        self.assertEqual(rules_broken({"docs/x.md": "[map](../ARCHITECTURE.md#top), [web](https://example.org/x)\n"}), [])


if __name__ == "__main__":
    unittest.main()

"""Checks that the tree keeps the rules of the house. Prints each break as `file:line: sentence`; exit status 1 if any.

    check_tree.py [FOLDER]      FOLDER: the top of the tree, default this repository

What a folder of src/ may include is what CMakeLists.txt lets it depend on.
"""

import re
import sys
from pathlib import Path

LINES_MAX = 500
CODE = {".cpp", ".hpp", ".c", ".h", ".py", ".cmake"}
TEXT = CODE | {".md", ".txt", ".json", ".sh", ".yaml", ".yml", ".toml", ""}
TOPS = ("CMakeLists.txt", "CMakePresets.json", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "demo", "test", ".ci",
        "bench", "catalogue", "cmake", "deploy", "docs", "examples", "fuzz", "include", "python", "src", "tests", "tools")
FOLDER = re.compile(r"^loopstate_folder\(([\w/]+)(?:\s+DEPENDS\s+([^)]*?))?(?:\s+LIBRARIES\s+[^)]*)?\)", re.MULTILINE)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "HA" + "CK")) + r")\b")
# Where this tree happened to be written says nothing to its reader.
MACHINE = re.compile(r"(?<![\w.$}/])/(" + "|".join(("root", "work", "home/[a-z]", "Users", "tmp/team")) + r")/")
# Public headers must not cost what Boost costs; task.hpp forward-declares the little that they need.
PUBLIC_STD_ONLY = re.compile(r"^[a-z_0-9]+$")
# The only public header outside include/loopstate/: C's.
C_HEADER = "loopstate.h"
# A file whose times were asked for costs its next commit a write more (src/embedded/file_look.hpp).
ASKS_FOR_TIMES = re.compile(r"\bSTATX_(?:[AMCB]TIME|BASIC_STATS|ALL)\b")
# Without being asked. Only where a sandbox leaves nothing else.
GETS_TIMES = re.compile(r"\b[fl]?stat(?:at)?(?:64)?\(|\bstruct stat\b|\bfilesystem::(?:last_write_time|file_size|equivalent)\b")
LOOKS = "file_look.cpp"
# The program may know everything; what programs share (src/process) is for a main.cpp, and never part of the library.
FREE = {"cli", "process"}
FOR_PROGRAMS = "process"
# Who uses the store as any program does, by its public headers.
PUBLIC_STORE_ONLY = {"agent", "lambda", "function"}


def allowed_folders(cmake_text):
    allowed = {}
    for name, depends in FOLDER.findall(cmake_text):
        allowed[name] = {name, "base", "loopstate", *depends.split()}
    return allowed


def folder_of(path, allowed):
    """The declared folder that a file of src/ is in, or, where none is, the first part of its path."""
    inside = [folder for folder in allowed if path.startswith(folder + "/")]
    return max(inside, key=len) if inside else path.split("/")[0]


def files_of(top):
    for name in TOPS:
        path = top / name
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.is_file() and file.suffix in TEXT and not file.is_symlink():
                if not {"node_modules", "__pycache__", "corpus", "corpora"} & set(file.parts):
                    yield file


def check_includes(where, lines, allowed):
    parts = where.parts
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quote, target = match.groups()
        included = folder_of(target, allowed)
        if parts[0] == "include":
            if not (PUBLIC_STD_ONLY.match(target) if quote == "<" else target.startswith("loopstate/")):
                yield number, f"a public header includes {target}: only the standard library and loopstate/ may be seen there"
        elif parts[0] == "src" and len(parts) > 2 and quote == '"' and parts[1] not in FREE:
            folder = folder_of("/".join(parts[1:]), allowed)
            if folder not in allowed:
                yield number, f"src/{where.parent.relative_to('src')} has no loopstate_folder() in CMakeLists.txt"
            elif target == C_HEADER and folder == "c":
                continue
            elif "/" not in target:
                yield number, f'write the include from src/: "{folder}/{target}"'
            elif included == FOR_PROGRAMS and where.name == "main.cpp":
                continue
            elif included.split("/")[0] == "store" and folder in PUBLIC_STORE_ONLY:
                yield number, f"src/{folder} includes {target}, but uses the store by its public headers, loopstate/"
            elif included not in allowed[folder]:
                known = ", ".join(sorted(allowed[folder] - {folder}))
                yield number, f"src/{folder} includes {target}, but may only know {known}"


def check_file(top, file, allowed):
    where = file.relative_to(top)
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return
    if file.suffix in {".cpp", ".hpp"}:
        if len(lines) > LINES_MAX:
            yield 1, f"{len(lines)} lines, at most {LINES_MAX}: which two ideas are in it?"
        if file.suffix == ".hpp" and "#pragma once" not in lines:
            yield 1, "a header without #pragma once"
        yield from check_includes(where, lines, allowed)
    for number, line in enumerate(lines, 1):
        if match := UNFINISHED.search(line):
            yield number, f"{match.group(1)}: finish it, or say in an issue what is missing"
        if where.parts[:2] == ("src", "embedded"):
            if ASKS_FOR_TIMES.search(line) or where.name != LOOKS and GETS_TIMES.search(line):
                yield number, "this asks for a file's times: use embedded/file_look.hpp, which does not"
        if MACHINE.search(line):
            yield number, "a path of one machine"


def main():
    top = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[2]).resolve()
    allowed = allowed_folders((top / "CMakeLists.txt").read_text())
    breaks, count = [], 0
    for file in files_of(top):
        count += 1
        breaks += [f"{file.relative_to(top)}:{number}: {text}" for number, text in check_file(top, file, allowed)]
    for line in breaks:
        print(line)
    print(f"{count} files, {len(breaks)} breaks of the rules of the house")
    return 1 if breaks or not count or not allowed else 0


if __name__ == "__main__":
    sys.exit(main())

"""Nobody knows a call that another lacks: C++'s headers, the library for C, the program, Python and the reference.

    names_test.py [PROGRAM]     loopstate; without it, only the sources are compared
"""

import ast
import re
import shlex
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from library import BY_NAME, CATALOGUE, ROOT

PROGRAM = sys.argv.pop(1) if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else ""
PUBLIC = ROOT / "include/loopstate"
# What is public and no call: it only gives what the store was opened with.
NO_CALLS = {"settings", "with_transaction_lifetime", "store", "core"}
# Functions that are calls, by their header.
FUNCTIONS = {"pepper.hpp": r"\bTask<[^;()]*> (\w+)\(([^;]*)\);", "backup.hpp": r"\bResult<BackupReport> (\w+)\(([^;]*)\);",
             "questions.hpp": r"\bRingLosses (\w+)\(([^;]*)\) noexcept;"}
CLASSES = {"store.hpp": ["Store"], "documents.hpp": ["Documents"], "questions.hpp": ["Questions"],
           "document_stream.hpp": ["DocumentReader", "DocumentWriter"]}


def code_of(header):
    text = re.sub(r"//[^\n]*", "", (PUBLIC / header).read_text())
    return re.sub(r"\s+", " ", text)


def class_of(text, name):
    start = re.search(rf"\bclass {name} (?:final )?\{{", text).end()
    return text[start:text.index("};", start)].split("private:")[0]


def arguments_of(text):
    """The names of the arguments, without what every call has."""
    flat = text
    while (less := re.sub(r"<[^<>]*>|\([^()]*\)", "", flat)) != flat:
        flat = less
    names = [re.search(r"(\w+)(?: = [^,]*)?$", one.strip()).group(1) for one in flat.split(",") if one.strip()]
    return [name for name in names if name not in {"options", "store", "settings"}]


def calls_in_headers():
    """The arguments of each call, by its name in C++."""
    found = {}
    for header, classes in CLASSES.items():
        for name in classes:
            body = class_of(code_of(header), name)
            methods = re.findall(r"\bTask<[^;()]*> (\w+)\(([^;]*)\);", body)
            methods += re.findall(r"\b[\w:]+ (\w+)\(()\) const noexcept[;{ ]", body)
            found.update({f"{name}::{method}": arguments_of(given) for method, given in methods if method not in NO_CALLS})
            if name == "DocumentWriter":  # it is open from its beginning
                found[f"{name}::{name}"] = arguments_of(re.search(rf"{name}\(([^;]*)\);", body).group(1))
    for header, pattern in FUNCTIONS.items():
        found.update({name: arguments_of(given) for name, given in re.findall(pattern, code_of(header))})
    return found


class Names(unittest.TestCase):
    maxDiff = None

    def test_the_public_headers_have_the_calls_of_the_catalogue_with_the_same_arguments(self):
        described = {}
        for call in CATALOGUE.calls.values():
            if call.cpp:
                given = [each.cpp.split(".")[0] for each in call.parameters if each.in_cpp and not each.option]
                described[call.cpp] = list(dict.fromkeys(given))
        found = calls_in_headers()
        for name in ("DocumentReader::open", "DocumentWriter::DocumentWriter"):  # their arguments are the constructor's
            found[name] = described.get(name)
        found["restore_backup"].remove("replace")  # an option, which a function of two arguments has by position
        self.assertEqual(found, described)

    def test_the_library_for_c_has_them(self):
        sources = "".join(file.read_text() for file in sorted((ROOT / "src/c").glob("*_calls.cpp")))
        self.assertEqual(sorted(re.findall(r'Call\{"([^"]+)"', sources)), sorted(BY_NAME))

    def test_python_has_them(self):
        package = ROOT / "python/src/loopstate"
        for module, before in (("_calls.py", ""), ("_async_calls.py", "Async")):
            found = set()
            for one in ast.parse((package / module).read_text()).body:
                if not isinstance(one, ast.ClassDef):
                    continue
                words = re.findall(r"[A-Z][a-z]+", one.name.removeprefix(before).removesuffix("Calls"))
                prefix = "".join(word.lower() + "." for word in words if word != "Store")
                found |= {prefix + each.name for each in one.body
                          if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)) and not each.name.startswith("_")}
                if not before:
                    users = [file for file in package.glob("*.py") if file.name not in {module, "_async_calls.py"}
                             and one.name in file.read_text()]
                    self.assertTrue(users, f"no public class has the calls of {one.name}")
            self.assertEqual(found, set(BY_NAME), module)

    def test_the_reference_has_them(self):
        headings = re.findall(r"^### `([^`]+)`$", (ROOT / "docs/reference.md").read_text(), re.MULTILINE)
        self.assertEqual(sorted(headings), sorted(CATALOGUE.calls))

    def test_the_links_of_the_reference_lead_somewhere(self):
        text = (ROOT / "docs/reference.md").read_text()
        anchors = ["".join(c for c in heading.lower().replace(" ", "-") if c.isalnum() or c in "-_")
                   for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)]
        self.assertEqual(len(set(anchors)), len(anchors))
        self.assertEqual(set(re.findall(r"\]\(#([^)]*)\)", text)) - set(anchors), set())
        for file in set(re.findall(r"\]\(([^)#]+)", text)):
            self.assertTrue((ROOT / "docs" / file).is_file(), file)

    def test_errors_are_those_of_the_enumeration(self):
        enumeration = re.search(r"enum class ErrorCode[^{]*\{(.*?)\}", code_of("error.hpp")).group(1)
        self.assertEqual(re.findall(r"(\w+)(?: = 0)?,?", enumeration), list(CATALOGUE.errors))
        spoken = (ROOT / "src/base/error.cpp").read_text()
        for code in CATALOGUE.errors:
            self.assertRegex(spoken, rf'ErrorCode::{code}:\s*return "{code}";')

    def test_docs_errors_says_of_each_error_what_the_catalogue_says(self):
        rows = re.findall(r"^\| `(\w+)` \| (.*?) \|(?: (.*?))? \| (\d) \|$", (ROOT / "docs/errors.md").read_text(), re.MULTILINE)
        self.assertEqual(rows, [(e.code, e.meaning, e.action, str(e.exit)) for e in CATALOGUE.errors.values()])


class Commands(unittest.TestCase):
    def test_the_program_has_those_of_the_catalogue(self):
        sources = "".join(file.read_text() for file in sorted((ROOT / "src/cli").glob("*_commands.cpp")))
        self.assertEqual(sorted(re.findall(r'of_catalogue\("([^"]+)"', sources)), sorted(CATALOGUE.commands))

    def test_a_command_names_the_calls_that_name_it(self):
        for words, command in CATALOGUE.commands.items():
            named = {call.name for call in CATALOGUE.calls.values() if call.command == words}
            self.assertEqual(set(command.calls), named, words)

    @unittest.skipUnless(PROGRAM, "no program was given")
    def test_every_command_says_in_its_help_what_the_catalogue_says(self):
        for words, command in CATALOGUE.commands.items():
            shown = " ".join(subprocess.run([PROGRAM, "help", *words.split()], capture_output=True, text=True, check=True).stdout.split())
            for said in (command.summary, command.details, command.example, *(each.help for each in command.parameters)):
                self.assertIn(" ".join(said.split()), shown, words)

    @unittest.skipUnless(PROGRAM, "no program was given")
    def test_every_example_is_carried_out(self):
        """Each in a folder of its own, after the examples that come before it."""
        for words, command in CATALOGUE.commands.items():
            with self.subTest(command=words), tempfile.TemporaryDirectory() as folder:
                for each in [*CATALOGUE.commands_before(words), words]:
                    earlier = CATALOGUE.commands[each]
                    for name, content in earlier.files.items():
                        (Path(folder) / name).write_text(content)
                    ran = subprocess.run(["sh", "-c", f"{shlex.quote(PROGRAM)} {earlier.example}"], cwd=folder, capture_output=True,
                                         text=True, stdin=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin"}, check=False)
                    self.assertEqual(ran.returncode, earlier.status, f"{earlier.example}: {ran.stdout}{ran.stderr}")


if __name__ == "__main__":
    unittest.main()

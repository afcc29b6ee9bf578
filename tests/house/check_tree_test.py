"""A rule that cannot fail protects nothing: each rule of check_tree.py is broken once here, in a small tree of its own."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECKER = Path(__file__).with_name("check_tree.py")
CMAKE = "loopstate_folder(base)\nloopstate_folder(table DEPENDS base)\nloopstate_folder(embedded DEPENDS table LIBRARIES x)\n"
CMAKE += "loopstate_folder(store DEPENDS table)\nloopstate_folder(agent DEPENDS store)\n"
CMAKE += "loopstate_folder(wire/client DEPENDS base)\nloopstate_folder(wire/server DEPENDS table)\n"


class CheckTree(unittest.TestCase):
    def check(self, name, content):
        with tempfile.TemporaryDirectory() as folder:
            top = Path(folder)
            (top / "CMakeLists.txt").write_text(CMAKE)
            file = top / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
            done = subprocess.run([sys.executable, "-B", CHECKER, top], capture_output=True, text=True)
        return done.returncode, done.stdout

    def assert_clean(self, name, content):
        code, output = self.check(name, content)
        self.assertEqual(code, 0, output)

    def assert_broken(self, name, content, sentence):
        code, output = self.check(name, content)
        self.assertEqual(code, 1, output)
        self.assertIn(sentence, output)

    def test_a_folder_may_include_itself_and_what_it_depends_on(self):
        self.assert_clean("src/embedded/a.cpp", '#include "embedded/a.hpp"\n#include "table/b.hpp"\n#include <map>\n')

    def test_a_folder_may_not_include_what_it_does_not_depend_on(self):
        self.assert_broken("src/table/a.cpp", '#include "embedded/a.hpp"\n', "src/table includes embedded/a.hpp")

    def test_dependence_is_not_inherited(self):
        self.assert_broken("src/base/a.cpp", '#include "table/a.hpp"\n', "src/base includes table/a.hpp")

    def test_a_folder_inside_another_is_known_by_its_path(self):
        self.assert_clean("src/wire/client/a.cpp", '#include "wire/client/b.hpp"\n')
        self.assert_clean("src/wire/server/a.cpp", '#include "table/b.hpp"\n')
        self.assert_broken("src/wire/client/a.cpp", '#include "wire/server/b.hpp"\n', "src/wire/client includes wire/server/b.hpp")
        self.assert_broken("src/wire/a.cpp", '#include "wire/a.hpp"\n', "src/wire has no loopstate_folder()")

    def test_the_agent_uses_the_store_as_any_program_does(self):
        self.assert_clean("src/agent/a.cpp", '#include "loopstate/store.hpp"\n')
        self.assert_broken("src/agent/a.cpp", '#include "store/spine/core.hpp"\n', "by its public headers")

    def test_a_folder_has_to_be_declared(self):
        self.assert_broken("src/stray/a.cpp", '#include "stray/a.hpp"\n', "has no loopstate_folder()")

    def test_the_program_may_include_anything(self):
        self.assert_clean("src/cli/a.cpp", '#include "embedded/a.hpp"\n')

    def test_an_include_names_its_folder(self):
        self.assert_broken("src/table/a.cpp", '#include "a.hpp"\n', "write the include from src/")

    def test_a_public_header_shows_no_library(self):
        self.assert_broken("include/loopstate/a.hpp", "#pragma once\n#include <boost/asio.hpp>\n", "a public header includes")

    def test_a_public_header_shows_no_inner_header(self):
        self.assert_broken("include/loopstate/a.hpp", '#pragma once\n#include "table/a.hpp"\n', "a public header includes")

    def test_a_header_is_guarded(self):
        self.assert_broken("src/base/a.hpp", "int a;\n", "without #pragma once")

    def test_a_file_of_500_lines_is_allowed_and_one_of_501_is_not(self):
        self.assert_clean("src/base/a.cpp", "int a;\n" * 500)
        self.assert_broken("src/base/a.cpp", "int a;\n" * 501, "501 lines")

    def test_unfinished_work_is_found(self):
        self.assert_broken("docs/a.md", "first\n" + "TO" + "DO later\n", "docs/a.md:2:")

    def test_a_path_of_one_machine_is_found(self):
        self.assert_broken("tools/a", "cd /" + "work/main\n", "a path of one machine")
        self.assert_clean("tools/a", "cd $HOME/" + "work/main\n")

    def test_the_embedded_engine_never_asks_for_a_files_times(self):
        for line in ("if (stat(path, &found) != 0) return;", "fstat(fd, &found);", "lstat(path, &found);",
                     "fstatat(fd, name, &found, 0);", "struct stat found{};", "std::filesystem::file_size(path);",
                     "statx(folder, path, 0, STATX_INO | STATX_MTIME, &found);", "std::filesystem::last_write_time(path);"):
            self.assert_broken("src/embedded/a.cpp", line + "\n", "asks for a file's times")
            self.assert_clean("src/cli/a.cpp", line + "\n")
        self.assert_clean("src/embedded/file_look.cpp", "fstatat(fd, name, &found, 0);\n")
        self.assert_broken("src/embedded/file_look.cpp", "constexpr unsigned kAsked = STATX_INO | STATX_MTIME;\n", "asks for a file's times")
        self.assert_clean("src/embedded/a.cpp", "mdb_stat(txn, dbi, &s); statx(folder, path, 0, STATX_INO, &found); statvfs(p, &s);\n")

    def test_an_empty_tree_is_not_clean(self):
        code, _ = self.check("LICENSE", "")
        self.assertEqual(code, 0)
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "CMakeLists.txt").write_text("")
            done = subprocess.run([sys.executable, "-B", CHECKER, folder], capture_output=True)
        self.assertEqual(done.returncode, 1)


if __name__ == "__main__":
    unittest.main()

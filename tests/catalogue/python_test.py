"""The examples in Python that docs/reference.md shows run, each after those that come before it.

    python_test.py LIBRARY      libloopstate.so
"""

import os
import sys
import tempfile
import unittest

os.environ["LOOPSTATE_LIBRARY"] = sys.argv.pop(1)

from library import BY_NAME, CATALOGUE, ROOT  # noqa: E402

sys.path.insert(0, str(ROOT / "python/src"))
import loopstate  # noqa: E402
from catalogue.reference import Reference  # noqa: E402


def run(name, known):
    """Answers come as `answer`; a reader or a writer is open until the store is closed."""
    shown = Reference(CATALOGUE).python(BY_NAME[name])
    if shown.startswith("with "):
        made, _, variable = shown.splitlines()[0].removeprefix("with ").removesuffix(":").partition(" as ")
        known[variable] = eval(made, known)
    elif shown.startswith("for "):
        exec(shown, known)
    else:
        known["answer"] = eval(shown, known)


class Examples(unittest.TestCase):
    def test_every_example_in_the_reference_runs(self):
        for name in BY_NAME:
            with self.subTest(call=name), tempfile.TemporaryDirectory() as folder:
                here = os.getcwd()
                os.chdir(folder)
                try:
                    with loopstate.open("embedded:./store.db") as store:
                        known = {name: getattr(loopstate, name) for name in dir(loopstate) if not name.startswith("_")}
                        known["store"] = store
                        for each in [*CATALOGUE.before(name), name]:
                            run(each, known)
                finally:
                    os.chdir(here)


if __name__ == "__main__":
    unittest.main()

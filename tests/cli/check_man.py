"""The manual pages and completions that the program makes of itself are well-formed, and there is a page for each command.

    check_man.py PROGRAM

Looks at the pages with mandoc (tools/deploy-tool), and lets those shells read their completion that this machine has. Exit status
77: mandoc could not be had.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
# A page without a date is the same whenever it was made; the other is about the width of our own lines.
ALLOWED = re.compile(r'missing date|STYLE: (input text line longer|lower case character in document title)')


def output(*command, text=None):
    ran = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout + ran.stderr


def commands_of(program, group=""):
    """The words of all commands, from the program's help."""
    _, text = output(program, *group.split(), "--help")
    for word in re.findall(r"^  ([a-z-]+)  ", text[text.index("Commands"):], re.MULTILINE):
        _, usage = output(program, word, "--help")
        if not group and re.search(r"^Usage: .* COMMAND ", usage, re.MULTILINE):
            yield from (f"{word} {second}" for second in commands_of(program, word))
        else:
            yield word


def main():
    program = sys.argv[1]
    asked = subprocess.run([ROOT / "tools/deploy-tool", "mandoc"], stdout=subprocess.PIPE, text=True, check=False)
    if asked.returncode != 0:
        return asked.returncode
    found = []
    with tempfile.TemporaryDirectory() as folder:
        output(program, "man", "--into", folder)
        pages = sorted(Path(folder).iterdir())
        wanted = {"loopstate.1"} | {f"loopstate-{words.replace(' ', '-')}.1" for words in commands_of(program)}
        if {page.name for page in pages} != wanted or len(wanted) < 40:
            found.append(f"pages and commands differ: {sorted(wanted ^ {page.name for page in pages})}")
        _, lint = output(asked.stdout.strip(), "-T", "lint", *map(str, pages))
        found += [line for line in lint.splitlines() if not ALLOWED.search(line)]
    status, message = output(program, "man", "context", "pach")
    if status != 2 or "there is no command" not in message:
        found.append(f"an unknown command: {status} {message}")
    for shell in ("bash", "zsh", "fish"):
        script = output(program, "completion", shell)[1]
        if shutil.which(shell) is None:
            print(f"no {shell} here: its completion is not read")
        elif (read := output(shell, "-n", text=script)) != (0, ""):
            found.append(f"{shell}: {read}")
    print("\n".join(found) or f"{len(pages)} pages are in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

"""Makes the packages twice from one build, and looks at what is in them.

    check_packages.py SOURCE BUILD OUT

The second time must give the same bytes. In them: the files that a person looks for, where they look; nothing of the folder they were
built in (in a release); a bill of materials that names what was linked, and the program as it is handed out; and from the archive a
program that runs and a library that pkg-config finds. OUT/one is left for the tests that follow.
"""

import filecmp
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

PROGRAM_FILES = {
    "usr/bin/loopstate": 0o755, "usr/lib/loopstate/backup": 0o755,
    "usr/lib/systemd/system/loopstate.service": 0o644, "usr/lib/systemd/system/loopstate-backup.service": 0o644,
    "usr/lib/systemd/system/loopstate-backup.timer": 0o644,
    "usr/share/bash-completion/completions/loopstate": 0o644, "usr/share/zsh/vendor-completions/_loopstate": 0o644,
    "usr/share/fish/vendor_completions.d/loopstate.fish": 0o644,
    "usr/share/man/man1/loopstate.1.gz": 0o644, "usr/share/man/man1/loopstate-context-patch.1.gz": 0o644,
    "usr/share/doc/loopstate/copyright": 0o644, "usr/share/doc/loopstate/changelog.gz": 0o644,
    "usr/share/doc/loopstate/CHANGELOG.md": 0o644, "usr/share/doc/loopstate/SECURITY.md": 0o644,
    "usr/share/doc/loopstate/recovery.md": 0o644, "usr/share/doc/loopstate/sbom.cdx.json": 0o644,
    "usr/share/doc/loopstate/examples/agent.env": 0o644, "usr/share/doc/loopstate/examples/loopstate.conf": 0o644,
    "usr/share/doc/loopstate/examples/Caddyfile": 0o644, "usr/share/doc/loopstate/examples/prometheus/alerts.yaml": 0o644,
    "usr/share/doc/loopstate/examples/grafana/loopstate.json": 0o644}


def expect(condition, what, found=""):
    if not condition:
        raise SystemExit(f"{what}:\n{found}")


def output(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def make(source, build, out):
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "LOOPSTATE_DIST_BUILD": str(build), "LOOPSTATE_DIST_OUT": str(out)}
    ran = subprocess.run([source / "tools/dist"], env=environment, capture_output=True, text=True, check=False)
    expect(ran.returncode == 0, "tools/dist", ran.stdout + ran.stderr)
    return sorted(path.name for path in out.iterdir())


def unpacked(package, folder):
    subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
    return folder


def check_program(one, out, source, build):
    package, = one.glob("loopstate_*.deb")
    root = unpacked(package, out / "program")
    for name, mode in PROGRAM_FILES.items():
        path = root / name
        expect(path.is_file() and path.stat().st_mode & 0o777 == mode, f"{package.name} has {name} with mode {mode:o}",
               output("dpkg-deb", "-c", package))
    listing = output("dpkg-deb", "-c", package)
    expect(all(line.split()[1] == "root/root" for line in listing.splitlines()), "everything is root's", listing)
    depends = output("dpkg-deb", "-f", package, "Depends")
    for library in ("libc6 ", "liblmdb0 ", "libssl3 ", "adduser"):
        expect(library in depends, f"it depends on {library}", depends)
    program = (root / "usr/bin/loopstate").read_bytes()
    if re.search(r"^CMAKE_BUILD_TYPE:\w+=Release$", (build / "CMakeCache.txt").read_text(), re.MULTILINE):
        expect(str(source).encode() not in program, "the program does not name the folder it was built in")
    bill = json.loads((root / "usr/share/doc/loopstate/sbom.cdx.json").read_text())
    expect(bill["metadata"]["component"]["hashes"][0]["content"] == hashlib.sha256(program).hexdigest(),
           "the bill of materials is of this program", bill["metadata"])
    check_bill(bill, {"liblmdb0", "libssl3", "libc6", "libboost1.81-dev", "libcli11-dev", "libxxhash-dev"})


def check_bill(bill, wanted):
    expect(bill["bomFormat"] == "CycloneDX" and bill["specVersion"] == "1.5", "it is CycloneDX", bill["bomFormat"])
    versions = {one["name"]: one["version"] for one in bill["components"]}
    expect(wanted <= set(versions), "the bill of materials names what is in the program", versions)
    for name in wanted:
        installed = output("dpkg-query", "-W", "-f=${Version}\n", name).splitlines()
        expect(versions[name] in installed, f"{name} has the version that was built with", installed)


def check_library(one, out):
    package, = one.glob("libloopstate-dev_*.deb")
    root = unpacked(package, out / "library")
    folder = next(root.glob("usr/lib/**/pkgconfig"))
    expect((root / "usr/include/loopstate/loopstate.hpp").is_file() and (root / "usr/include/loopstate.h").is_file() and list(root.glob("usr/lib/**/loopstateConfig.cmake")),
           "headers and CMake's package", output("dpkg-deb", "-c", package))
    if shutil.which("pkg-config"):
        environment = {**os.environ, "PKG_CONFIG_PATH": str(folder)}
        expect("-lloopstate_" in output("pkg-config", "--libs", "loopstate-embedded", env=environment), "pkg-config finds it")


def check_shared_library(one, out):
    package, = one.glob("libloopstate0_*.deb")
    root = unpacked(package, out / "shared")
    library, = root.glob("usr/lib/**/libloopstate.so.0")
    expect(not (root / "usr/include").exists(), "headers are for development", output("dpkg-deb", "-c", package))
    depends = output("dpkg-deb", "-f", package, "Depends")
    expect("libssl3 " in depends and "lmdb" not in depends and "cares" not in depends, "it contains LMDB and c-ares", depends)
    said = output(sys.executable, "-c", "import ctypes, sys; f = ctypes.CDLL(sys.argv[1]).loopstate_version; "
                  "f.restype = ctypes.c_char_p; print(f().decode())", library)
    version = output("dpkg-deb", "-f", package, "Version")
    expect(said == version, "the library says the package's version", said + version)
    development, = one.glob("libloopstate-dev_*.deb")
    expect(f"libloopstate0 (= {version.strip()})" in output("dpkg-deb", "-f", development, "Depends"), "for development, it is there")


def check_archive(one, out):
    archive, = one.glob("*.tar.gz")
    subprocess.run(["tar", "-C", out, "-xzf", archive], check=True)
    root = out / archive.name.removesuffix(".tar.gz")
    expect(output(root / "bin/loopstate", "--version").startswith("loopstate "), "the archive's program runs")
    expect((root / "share/man/man1/loopstate.1").is_file() and (root / "include/loopstate/loopstate.hpp").is_file(),
           "pages and headers", list(root.iterdir()))


def main():
    source, build, out = (Path(name).resolve() for name in sys.argv[1:])
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    names = make(source, build, out / "one")
    expect(make(source, build, out / "two") == names and len(names) == 7, "the same packages, seven files", names)
    _, different, missing = filecmp.cmpfiles(out / "one", out / "two", names, shallow=False)
    expect(not different and not missing, "the same bytes the second time", different + missing)
    check_program(out / "one", out, source, build)
    check_library(out / "one", out)
    check_shared_library(out / "one", out)
    check_archive(out / "one", out)
    image_bill, = (out / "one").glob("*.cdx.json")
    check_bill(json.loads(image_bill.read_text()), {"liblmdb-dev", "libssl-dev", "libc6-dev", "libstdc++-12-dev", "zlib1g-dev"})
    shutil.rmtree(out / "two")
    print(f"{', '.join(names)}: made twice, the same bytes")


if __name__ == "__main__":
    main()

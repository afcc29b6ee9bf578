"""Puts libloopstate.so.0 into the wheel: the one that LOOPSTATE_LIBRARY names, else one that is built here with CMake."""

import os
import platform
import subprocess
import tempfile
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILE_NAME = "libloopstate.so.0"
NEEDED = "g++ 12, cmake, ninja, and the headers and libraries that tools/install-packages --for demo installs on Debian 12"


class CustomBuildHook(BuildHookInterface):
    def initialize(self, version, build_data):
        if version == "editable":
            return
        given = os.environ.get("LOOPSTATE_LIBRARY")
        library = Path(given).resolve() if given else self.build()
        if not library.is_file():
            raise FileNotFoundError(f"LOOPSTATE_LIBRARY names {library}, which is not there")
        build_data["force_include"][str(library)] = f"loopstate/{FILE_NAME}"
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform_tag()}"

    def build(self):
        # In a source distribution the sources are beside this file; in the repository this file is in a folder of it.
        root = Path(self.root)
        sources = root / "cpp" if (root / "cpp").is_dir() else root.parent
        self.folder = tempfile.TemporaryDirectory(prefix="loopstate-build-")
        folder = Path(self.folder.name)
        self.app.display_waiting(f"building {FILE_NAME}: a few minutes")
        options = ["-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_CXX_FLAGS_RELEASE=-O2", "-DLOOPSTATE_SHARED=ON",
                   "-DCMAKE_UNITY_BUILD=ON", "-DCMAKE_UNITY_BUILD_BATCH_SIZE=8"]
        try:
            subprocess.run(["cmake", "-G", "Ninja", "-S", sources, "-B", folder, *options], check=True)
            subprocess.run(["cmake", "--build", folder, "--target", "loopstate_shared"], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise RuntimeError(f"the library could not be built ({error}). It needs {NEEDED}.") from error
        subprocess.run(["strip", "--strip-unneeded", folder / FILE_NAME], check=False)
        return (folder / FILE_NAME).resolve()

    def finalize(self, version, build_data, artifact_path):
        if hasattr(self, "folder"):
            self.folder.cleanup()


def platform_tag():
    """The oldest system that the wheel runs on, as far as its C library tells: this one."""
    name, version = platform.libc_ver()
    machine = platform.machine()
    if name != "glibc":
        return f"linux_{machine}"
    major, minor = version.split(".")[:2]
    return f"manylinux_{major}_{minor}_{machine}"

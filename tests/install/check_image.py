"""Runs a container image as a container would be run, from its OCI layout and by nothing but chroot.

    check_image.py IMAGE.tar

Every blob is what its digest says; the root holds one program and needs nothing else; the image's own command line serves, as the
image's own user, on a store in the image's volume, with secrets in files. Needs root, or user namespaces: otherwise exit status 77.
"""

import gzip
import hashlib
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
from pathlib import Path

CHROOT = shutil.which("chroot", path="/usr/sbin:/usr/bin:/sbin:/bin")
UNSHARE = shutil.which("unshare", path="/usr/bin:/bin")
PEPPER = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


class Layout:
    def __init__(self, path):
        with tarfile.open(path) as tar:
            self.files = {member.name: tar.extractfile(member).read() for member in tar if member.isfile()}
        assert json.loads(self.files["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}

    def blob(self, described):
        kind, digest = described["digest"].split(":")
        data = self.files[f"blobs/{kind}/{digest}"]
        assert hashlib.sha256(data).hexdigest() == digest and len(data) == described["size"], described
        return data


def unpack(layout, root):
    manifest = json.loads(layout.blob(json.loads(layout.files["index.json"])["manifests"][0]))
    config = json.loads(layout.blob(manifest["config"]))
    for described, diff in zip(manifest["layers"], config["rootfs"]["diff_ids"], strict=True):
        layer = gzip.decompress(layout.blob(described))
        assert diff == "sha256:" + hashlib.sha256(layer).hexdigest()
        with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
            tar.extractall(root)
    return config["config"]


def in_root(root, config, *arguments, environment=(), **options):
    """As the image's user if this is root; otherwise in a user namespace of our own, as its root."""
    if os.getuid() == 0:
        enter = [CHROOT, f"--userspec={config['User']}", str(root)]
    else:
        enter = [UNSHARE, "--map-root-user", CHROOT, str(root)]
    variables = dict(line.split("=", 1) for line in [*config["Env"], *environment])
    return subprocess.Popen([*enter, *config["Entrypoint"], *arguments], env=variables,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def run(root, config, *arguments):
    process = in_root(root, config, *arguments)
    out, errors = process.communicate(timeout=60)
    return process.returncode, out + errors


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def serve(root, config):
    secrets = root / "secrets"
    secrets.mkdir(mode=0o755)
    (secrets / "pepper").write_text(PEPPER)
    (secrets / "stripe").write_text("whsec_test")
    admin = free_port()
    command = [word.replace(":8081", f":{admin}").replace("0.0.0.0:8080", "127.0.0.1:0") for word in config["Cmd"]]
    agent = in_root(root, config, *command,
                    environment=("LOOPSTATE_PEPPER_FILE=/secrets/pepper", "STRIPE_WEBHOOK_SECRET_FILE=/secrets/stripe"))
    try:
        said = agent.stdout.readline()
        if "listening" not in said:
            agent.kill()
            raise SystemExit(f"the agent does not serve: {said}{agent.stderr.read()}")
        with urllib.request.urlopen(f"http://127.0.0.1:{admin}/healthz", timeout=30) as answer:
            assert answer.status == 200
    finally:
        agent.terminate()
        agent.wait(timeout=60)
    assert agent.returncode == 0, agent.returncode
    assert (root / "var/lib/loopstate/loopstate.db").is_file()


def main():
    layout = Layout(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        config = unpack(layout, root)
        programs = [path for path in root.rglob("*") if path.is_file() and os.access(path, os.X_OK)]
        shared = [path for path in root.rglob("*.so*")]
        assert [path.relative_to(root).as_posix() for path in programs
                if path.stat().st_mode & 0o111] == ["usr/bin/loopstate"] and not shared, (programs, shared)
        allowed = subprocess.run([UNSHARE, "--map-root-user", "true"], check=False, stderr=subprocess.DEVNULL)
        if os.getuid() != 0 and allowed.returncode != 0:
            print("skipped: neither root nor user namespaces are to be had here")
            return 77
        status, said = run(root, config, "--version")
        assert status == 0 and said.startswith("loopstate "), said
        assert run(root, config, "context", "init", "U1")[0] == 0
        status, said = run(root, config, "--json", "context", "get", "U1")
        assert status == 0 and '"version"' in said, said
        serve(root, config)
        status, said = run(root, config, "--json", "context", "get", "U1")
        assert status == 0, said
    print(f"{sys.argv[1]}: unpacked, it serves")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""An authority of the tests' own, made for one run of the server, and contexts for its ports."""

import atexit
import shutil
import ssl
import subprocess
import tempfile
from pathlib import Path

NAMES = {"local": "IP:127.0.0.1,IP:::1,DNS:localhost", "other": "DNS:other.example"}
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def openssl(folder, *arguments):
    subprocess.run(("openssl", *arguments), cwd=folder, check=True, capture_output=True)


class Certificates:
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="dax-server-"))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        openssl(
            self.folder,
            "req",
            "-x509",
            *KEY,
            "-keyout",
            "authority.key",
            "-out",
            "authority.pem",
            "-days",
            "2",
            "-subj",
            "/CN=tests",
            "-addext",
            "basicConstraints=critical,CA:TRUE",
            "-addext",
            "keyUsage=keyCertSign",
        )
        self.authority = self.folder / "authority.pem"
        self.contexts = {}

    def context(self, name):
        """`name`: "local" for what a client expects, "other" for a certificate of somebody else's."""
        if name not in self.contexts:
            extensions = self.folder / f"{name}.ext"
            extensions.write_text(
                f"subjectAltName={NAMES[name]}\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\n"
            )
            openssl(self.folder, "req", "-new", *KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", "/CN=dax")
            openssl(
                self.folder,
                "x509",
                "-req",
                "-in",
                f"{name}.csr",
                "-CA",
                "authority.pem",
                "-CAkey",
                "authority.key",
                "-CAcreateserial",
                "-days",
                "2",
                "-out",
                f"{name}.pem",
                "-extfile",
                extensions.name,
            )
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
            self.contexts[name] = context
        return self.contexts[name]

"""Runs the nginx and Caddy examples of deploy/ in front of an agent: webhooks go through, health and metrics do not.

    check_proxies.py PROGRAM nginx|caddy

The examples are run as they stand, except for addresses, names of certificates, and (Caddy) the host name, for which it would fetch
a certificate. Exit status 77: the proxy could not be had (tools/deploy-tool).
"""

import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
PEPPER = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_agent(program, folder):
    environment = {"PATH": os.environ["PATH"], "STRIPE_WEBHOOK_SECRET": "whsec_test", "LOOPSTATE_PEPPER": PEPPER,
                   "LOOPSTATE_URL": f"embedded:{folder}/store.db"}
    agent = subprocess.Popen([program, "--json", "agent", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"],
                             env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return agent, json.loads(agent.stdout.readline())["port"]


def replaced(text, changes):
    for old, new in changes.items():
        if old not in text:
            raise SystemExit(f"the example no longer has {old!r}")
        text = text.replace(old, new)
    return text


def nginx(tool, folder, port, agent_port):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=hooks.example.com", "-days", "1",
                    "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"], check=True, capture_output=True)
    example = replaced((ROOT / "deploy/nginx/loopstate.conf").read_text(), {
        "server 127.0.0.1:8080": f"server 127.0.0.1:{agent_port}", "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "/etc/ssl/private/hooks.example.com.pem": f"{folder}/certificate.pem",
        "/etc/ssl/private/hooks.example.com.key": f"{folder}/key.pem"})
    (folder / "loopstate.conf").write_text(example)
    temporary = "".join(f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        ("user root;\n" if os.getuid() == 0 else "") + f"daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}include {folder}/loopstate.conf;\n}}\n")
    arguments = [tool, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
    subprocess.run([*arguments, "-t"], check=True)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return arguments, lambda: http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=context)


def caddy(tool, folder, port, agent_port):
    text = (ROOT / "deploy/caddy/Caddyfile").read_text()
    (folder / "as-it-stands").write_text(text)
    subprocess.run([tool, "adapt", "--validate", "--adapter", "caddyfile", "--config", folder / "as-it-stands"], check=True,
                   stdout=subprocess.DEVNULL)
    example = "{\n\tadmin off\n\tauto_https off\n}\n" + replaced(text, {
        "hooks.example.com {": f"http://127.0.0.1:{port} {{", "reverse_proxy 127.0.0.1:8080": f"reverse_proxy 127.0.0.1:{agent_port}"})
    (folder / "Caddyfile").write_text(example)
    return ([tool, "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")],
            lambda: http.client.HTTPConnection("127.0.0.1", port, timeout=30))


def ask(connect, method, path, body=None):
    connection = connect()
    try:
        connection.request(method, path, body, {"Stripe-Signature": "t=1,v1=00"} if body else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def wait_for(proxy, port):
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=30).close()
            return
        except OSError:
            if proxy.poll() is not None:
                raise SystemExit(f"the proxy ended with {proxy.returncode}") from None
            time.sleep(0.1)
    raise SystemExit("the proxy does not listen")


def expect(found, wanted, what):
    if not found[0] == wanted[0] or wanted[1] not in found[1]:
        raise SystemExit(f"{what}: {found}, expected {wanted}")


def check(connect):
    expect(ask(connect, "POST", "/webhooks/stripe", b"{}"), (403, "not_authentic"), "the agent judges a webhook")
    expect(ask(connect, "POST", "/webhooks/square", b"{}"), (503, "switched_off"), "the agent knows the provider")
    for path in ("/metrics", "/healthz", "/webhooks/metrics", "/webhooks/stripe/metrics", "/webhooks/../metrics",
                 "/webhooks/stripe/../../healthz", "//metrics", "/%6detrics", "/webhooks/paypal"):
        status, body = ask(connect, "GET", path)
        if status < 400 or "loopstate_" in body or '"status"' in body:
            raise SystemExit(f"{path} leads through: {status} {body[:200]}")
    status, _ = ask(connect, "POST", "/webhooks/stripe", b"x" * ((1 << 20) + 1))
    # Caddy notices it while it sends it on.
    if status not in (413, 502):
        raise SystemExit(f"a body that is too large ends at the proxy: {status}")


def main():
    program, kind = sys.argv[1:]
    asked = subprocess.run([ROOT / "tools/deploy-tool", kind], stdout=subprocess.PIPE, text=True, check=False)
    if asked.returncode != 0:
        return asked.returncode
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        agent, agent_port = start_agent(program, folder)
        port, proxy = free_port(), None
        try:
            arguments, connect = {"nginx": nginx, "caddy": caddy}[kind](asked.stdout.strip(), folder, port, agent_port)
            home = {"PATH": os.environ["PATH"], "HOME": name, "XDG_DATA_HOME": name, "XDG_CONFIG_HOME": name}
            proxy = subprocess.Popen(arguments, env=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            wait_for(proxy, port)
            check(connect)
        finally:
            for process in (proxy, agent):
                if process:
                    process.terminate()
                    process.wait(timeout=60)
    print(f"{kind} passes webhooks on, and nothing else")
    return 0


if __name__ == "__main__":
    sys.exit(main())

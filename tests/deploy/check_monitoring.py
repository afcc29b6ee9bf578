"""Holds the alerts and the dashboard in deploy/ against what an agent really answers at /metrics.

    check_monitoring.py PROGRAM

Starts PROGRAM as an agent on a store of its own. Exit status 77: promtool could not be had. Everything that an expression of an alert or a panel asks for (a metric, a
label, a label's value) is in its answer; every metric in its answer is in docs/agent.md, and the other way round; promtool finds
the metrics, the alerts, the example configuration and each panel's expression well-formed; and every alert has a test that it
fires and one that it does not.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "deploy/prometheus/alerts.yaml"
# What Prometheus itself adds, or computes.
GIVEN_METRICS = {"up"}
GIVEN_LABELS = {"job", "instance"}
PEPPER = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
SELECTOR = re.compile(r"\b(up|process_\w+|loopstate_\w+)(\{[^}]*\})?")
MATCHER = re.compile(r'(\w+)(=~|=|!=|!~)"([^"]*)"')


def scrape(program):
    """The agent's answer before it was asked anything else."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"PATH": os.environ["PATH"], "STRIPE_WEBHOOK_SECRET": "whsec_test", "LOOPSTATE_PEPPER": PEPPER,
                       "LOOPSTATE_URL": f"embedded:{folder}/store.db"}
        agent = subprocess.Popen([program, "--json", "agent", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"],
                                 env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            port = json.loads(agent.stdout.readline())["admin_port"]
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
                return answer.read().decode()
        finally:
            agent.terminate()
            agent.wait(timeout=30)


def series_of(text):
    """For each metric the labels that it has, each with its values."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels = re.match(r"(\w+)(\{.*\})? ", line).groups()
        known = found.setdefault(name, {})
        for label, _, value in MATCHER.findall(labels or ""):
            known.setdefault(label, set()).add(value)
    return found


def problems_of(expression, series):
    for name, matchers in SELECTOR.findall(expression):
        if name in GIVEN_METRICS:
            continue
        if name not in series:
            yield f"no metric {name}"
            continue
        for label, operator, value in MATCHER.findall(matchers):
            if label in GIVEN_LABELS:
                continue
            wanted = value.split("|") if operator in ("=~", "!~") else [value]
            for one in wanted:
                if one not in series[name].get(label, set()):
                    yield f'{name} has no {label}="{one}"'
        for grouped in re.findall(r"\bby \(([^)]*)\)", expression):
            for label in re.split(r",\s*", grouped):
                if label not in GIVEN_LABELS and not any(label in labels for labels in series.values()):
                    yield f"no label {label}"


def expressions_of_alerts():
    return [(name, expression) for name, expression in
            re.findall(r"- alert: (\w+)\n\s+expr: (.*)", ALERTS.read_text())]


def expressions_of_panels():
    dashboard = json.loads((ROOT / "deploy/grafana/loopstate.json").read_text())
    return [(f"panel {panel['title']}", target["expr"]) for panel in dashboard["panels"] for target in panel["targets"]]


def documented_metrics():
    text = (ROOT / "docs/agent.md").read_text()
    section = text[text.index("## Metrics"):]
    return set(re.findall(r"`((?:loopstate|process)_\w+)", section))


def promtool(program, *arguments, text=None):
    ran = subprocess.run([program, *arguments], input=text, capture_output=True, text=True, check=False)
    return [] if ran.returncode == 0 else [f"promtool {' '.join(arguments[:2])}: {ran.stdout}{ran.stderr}"]


def check_panels(program, panels):
    rules = [{"record": f"panel:{number}", "expr": expression.replace("$__rate_interval", "5m").replace("$job", "loopstate")}
             for number, (_, expression) in enumerate(panels)]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        json.dump({"groups": [{"name": "panels", "rules": rules}]}, file)
        file.flush()
        return promtool(program, "check", "rules", file.name)


def untested(alerts):
    tests = (ROOT / "tests/deploy/alerts_test.yaml").read_text()
    for name, _ in alerts:
        for what in ("fires", "stays quiet"):
            case = re.search(rf"- name: {name} {what}\n(?:(?!- name:).)*", tests, re.DOTALL)
            if not case or ("exp_samples: []" in case.group()) == (what == "fires"):
                yield f"{name}: tests/deploy/alerts_test.yaml does not show that it {what}"


def main():
    program = sys.argv[1]
    asked = subprocess.run([ROOT / "tools/deploy-tool", "promtool"], stdout=subprocess.PIPE, text=True, check=False)
    if asked.returncode != 0:
        return asked.returncode
    tool = asked.stdout.strip()
    answer = scrape(program)
    series = series_of(answer)
    alerts, panels = expressions_of_alerts(), expressions_of_panels()
    found = []
    for name, expression in alerts + panels:
        found += [f"{name}: {problem}" for problem in problems_of(expression, series)]
    names = {re.sub(r"_(bucket|sum|count)$", "", name) for name in series}
    found += [f"docs/agent.md does not explain {name}" for name in sorted(names - documented_metrics())]
    found += [f"docs/agent.md explains {name}, which does not exist" for name in sorted(documented_metrics() - names)]
    found += untested(alerts)
    found += promtool(tool, "check", "metrics", text=answer)
    found += promtool(tool, "check", "config", str(ROOT / "deploy/prometheus/prometheus.yaml"))
    found += promtool(tool, "test", "rules", str(ROOT / "tests/deploy/alerts_test.yaml"))
    found += check_panels(tool, panels)
    print("\n".join(found) or f"{len(alerts)} alerts and {len(panels)} expressions of panels agree with {len(names)} metrics")
    return 1 if found or not alerts or not panels else 0


if __name__ == "__main__":
    sys.exit(main())

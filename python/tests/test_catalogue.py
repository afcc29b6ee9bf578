"""The package against the library that it comes with: neither knows a call, a parameter or an error that the other lacks."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any, Dict, List

import loopstate
import pytest
from loopstate import _async_calls, _calls, _library, errors

KEYWORDS = {"from": "from_"}


def calls() -> Dict[str, Any]:
    listed: Dict[str, Any] = _library.catalogue()["calls"]
    return listed


def methods(module: Any, prefix: str = "") -> Dict[str, Any]:
    """Every call of a module, by the call's name."""
    found = {}
    for name, kind in inspect.getmembers(module, inspect.isclass):
        match = re.fullmatch(prefix + r"(\w+)Calls", name)
        if match is None or kind.__module__ != module.__name__ or (not prefix and name.startswith("Async")):
            continue
        words = re.findall(r"[A-Z][a-z]*", match.group(1))
        path = "" if words == ["Store"] else ".".join(word.lower() for word in words) + "."
        for method, function in vars(kind).items():
            if not method.startswith("_"):
                found[path + method] = function
    return found


def test_the_library_has_the_version_of_the_package() -> None:
    assert _library.version() == loopstate.__version__


def test_the_package_is_numbered_once() -> None:
    pyproject = Path(__file__).parents[1] / "pyproject.toml"
    assert f'\nversion = "{loopstate.__version__}"\n' in pyproject.read_text()


@pytest.mark.parametrize("module, prefix", [(_calls, ""), (_async_calls, "Async")], ids=["blocking", "asyncio"])
def test_every_call_of_the_library_is_a_method_with_its_parameters(module: Any, prefix: str) -> None:
    mine = methods(module, prefix)
    assert set(mine) == set(calls())
    for name, call in calls().items():
        given: List[str] = list(inspect.signature(mine[name]).parameters)[1:]
        expected = [KEYWORDS.get(each["name"], each["name"]) for each in call.get("parameters", ())]
        assert given == expected, name


@pytest.mark.parametrize("name", sorted(methods(_calls)))
def test_the_example_of_every_call_is_answered(
    name: str, here: loopstate.Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # one of them writes a file
    answers: Dict[str, Any] = {}

    def answer_of(name: str) -> Any:
        if name not in answers:
            call = calls()[name]
            for earlier in call["example"]["after"]:
                answer_of(earlier)
            method = getattr(owner_of(here, name), name.rpartition(".")[2])
            answers[name] = method(**arguments(call, answers))
        return answers[name]

    answer_of(name)


def owner_of(store: loopstate.Store, name: str) -> Any:
    prefix = name.rpartition(".")[0]
    kind = "".join(part.capitalize() for part in (prefix or "store").split("."))
    return getattr(_calls, kind + "Calls")(store._connection)


def answered(path: str, answers: Dict[str, Any]) -> Any:
    """What an earlier call answered: add_capture.capture.id."""
    name, *members = path.split(".")
    value = answers[name]
    for member in members:
        value = getattr(value, member)
    return value


def arguments(call: Dict[str, Any], answers: Dict[str, Any]) -> Dict[str, Any]:
    given = {}
    for parameter in call.get("parameters", ()):
        name, value = parameter["name"], call["example"]["request"].get(parameter["name"])
        if name in {"reader", "writer"} and parameter["type"] == "u64":
            value = getattr(answers[f"documents.{name}.open"], name)
        elif isinstance(value, str) and re.fullmatch(r"\{[\w.]+\}", value):
            value = answered(value[1:-1], answers)
        elif value is None:
            if parameter["option"]:
                continue
        elif parameter["type"] == "bytes":
            value = value.encode()
        elif parameter["type"] == "[NewDocument]":
            value = [loopstate.NewDocument(**{**each, "body": each["body"].encode()}) for each in value]
        given[KEYWORDS.get(name, name)] = value
    return given


def test_every_method_explains_itself() -> None:
    for name, method in {**methods(_calls), **methods(_async_calls, "Async")}.items():
        assert method.__doc__, name


def test_every_error_of_the_library_is_a_class() -> None:
    listed = set(_library.catalogue()["errors"])
    classes = {name for name in errors.__all__ if name != "Error"}
    assert classes == listed
    for name in classes:
        kind = getattr(loopstate, name)
        assert issubclass(kind, loopstate.Error) and kind.code == name


def test_an_error_of_a_later_library_is_an_error() -> None:
    made = errors.from_json({"code": "Later", "message": "a sentence", "retryable": True})
    assert (type(made), made.code, str(made), made.retryable) == (loopstate.Error, "Later", "a sentence", True)

"""Finds every message that the code shows; run as a program, it lists those that have no English yet."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from kiosk.documents import FORMS
from kiosk.procedures import PROCEDURES, preconditions
from kiosk.texts import Language, Texts

ROOT = Path(__file__).parents[2]
SPOKEN_IN = ("screens", "kiosk")
MARKS = {"t", "texts", "announce", "_", "N_"}


def constants(node: ast.expr) -> Iterator[str]:
    """The literal texts an expression may have as its value."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from constants(body)
            yield from constants(orelse)


def marked(source: str) -> Iterator[str]:
    """Messages of `t("…")`, `self.t("…")`, `_("…")` and `N_("…")`."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[message, *_]) if name in MARKS:
                yield from constants(message)


def keywords(source: str, keyword: str) -> Iterator[str]:
    """Literal texts given as `keyword=` in any call."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg == keyword:
            yield from constants(node.value)


def of_procedures() -> Iterator[str]:
    """Titles and wordings of the steps, and reasons of the preconditions."""
    for procedure in PROCEDURES.values():
        yield procedure.title
        yield procedure.precondition
        for step in procedure.steps:
            yield from (step.title, step.wording)
    yield from keywords(Path(preconditions.__file__).read_text(encoding="utf-8"), "reason")


def of_forms() -> Iterator[str]:
    """Names and titles of the forms, as the screens list them."""
    for form in FORMS.values():
        yield from (form.name, form.title)


def messages() -> dict[str, str]:
    """Every message, with where it was found first."""
    found: dict[str, str] = {}
    for room in SPOKEN_IN:
        for path in sorted((ROOT / room).rglob("*.py")):
            for message in marked(path.read_text(encoding="utf-8")):
                found.setdefault(message, str(path.relative_to(ROOT)))
    for message in of_procedures():
        found.setdefault(message, "kiosk/procedures")
    for message in of_forms():
        found.setdefault(message, "kiosk/documents")
    return found


def without_english() -> dict[str, str]:
    """Messages that would be shown in Cyrillic to who asked for English, with where they are."""
    english = Texts(Language.ENGLISH)
    return {
        message: where
        for message, where in messages().items()
        if message.strip() and english.look_up(message) == message and not message.isascii()
    }


if __name__ == "__main__":
    for message, where in without_english().items():
        print(f"{where}: {message}")

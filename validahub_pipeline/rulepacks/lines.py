"""Which line of a pack's YAML a place in it is on. Reads text only; what is wrong there, others say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

import yaml

from validahub_pipeline.errors import PackError

# The key of an entry that a complaint about it is about, where it is not the entry as a whole.
_KEYS: Final[Mapping[str, str]] = {
    "pack_unknown_type": "type",
    "pack_unknown_kwarg": "kwargs",
    "pack_missing_kwarg": "kwargs",
    "pack_bad_kwarg": "kwargs",
    "pack_bad_kwargs": "kwargs",
    "pack_bad_regex": "kwargs",
    "pack_bad_condition": "row_condition",
    "pack_unknown_field": "kwargs",
    "pack_unknown_correction": "corrected_by",
    "pack_message_placeholder": "messages",
    "pack_unknown_source": "source",
    "pack_unverified": "severity",
    "pack_period": "effective_from",
    "pack_drops_nothing": "drop",
}
_YAML_LINE: Final = re.compile(r"line (\d+)")


def locate(error: PackError, texts: Sequence[tuple[str, str]]) -> tuple[str, int]:
    """The document an error is about, and the line there, from 1.

    Args:
        texts: names and YAML texts of the documents that may be meant, the likeliest first.
    """
    if error.code == "pack_yaml":
        found = _YAML_LINE.findall(str(error.values.get("cause", "")))
        return str(error.values["pack"]), int(found[-1]) if found else 1
    key = _KEYS.get(error.code) or (str(error.values["key"]) if "key" in error.values else None)
    return place(str(error.values.get("where", "")), key, texts)


def place(where: str, key: str | None, texts: Sequence[tuple[str, str]]) -> tuple[str, int]:
    """The first document that has a place, with the key if one has, and the line there; else the beginning of the
    first document."""
    for wanted in [key, None] if key else [None]:
        for name, text in texts:
            line = line_of(text, where, wanted)
            if line is not None:
                return name, line
    return texts[0][0], 1


def line_of(text: str, where: str, key: str | None = None) -> int | None:
    """The line of a place such as `rules/title_too_long`, or of one of its keys; None where there is no such place.
    What the pack says comes before what it says of a category."""
    root = _composed(text)
    if root is None:
        return None
    steps = [step for step in where.split("/") if step not in {"", "pack"}]
    for start in _starts(root):
        node = _walk(start, steps)
        if node is None:
            continue
        line = _line_of_key(node, key) if key else node.start_mark.line + 1
        if line is not None:
            return line
    return None


@lru_cache(maxsize=64)
def _composed(text: str) -> yaml.Node | None:
    try:
        root: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return None
    return root


def _starts(root: yaml.Node) -> Iterator[yaml.Node]:
    yield root
    categories = _child(root, "categories")
    if isinstance(categories, yaml.SequenceNode):
        yield from categories.value


def _walk(node: yaml.Node, steps: Sequence[str]) -> yaml.Node | None:
    for step in steps:
        found = _child(node, step)
        if found is None:
            return None
        node = found
    return node


def _child(node: yaml.Node, step: str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for name, value in node.value if name.value == step), None)
    if isinstance(node, yaml.SequenceNode):
        if step.isdigit() and int(step) < len(node.value):
            child: yaml.Node = node.value[int(step)]
            return child
        return next((entry for entry in node.value if step in {_text(entry, "code"), _text(entry, "type")}), None)
    return None


def _text(entry: yaml.Node, key: str) -> str | None:
    found = _child(entry, key) if isinstance(entry, yaml.MappingNode) else None
    return str(found.value) if isinstance(found, yaml.ScalarNode) else None


def _line_of_key(node: yaml.Node, key: str) -> int | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((name.start_mark.line + 1 for name, _ in node.value if name.value == key), None)

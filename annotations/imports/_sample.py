"""A file's name and beginning, looked at once, for every format to recognise itself by."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from typing import Any

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}:,]', re.DOTALL)


@dataclass(frozen=True)
class Sample:
    """head: the first bytes of the file, 64 KB at most, unpacked."""

    name: str
    head: bytes

    @cached_property
    def suffix(self) -> str:
        """As ".txt", of what a packed file holds; empty where the name has none."""
        path = PurePath(self.name.lower())
        return (path.with_suffix("") if path.suffix == ".gz" else path).suffix

    @cached_property
    def words(self) -> str:
        """The beginning as text, as far as it is some."""
        return self.head.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")

    @cached_property
    def listed(self) -> bool:
        """Whether it is a JSON list."""
        return self.words.startswith("[")

    @cached_property
    def value(self) -> Mapping[str, Any]:
        """The first JSON object, in a list or not; of a longer one only its keys; else empty."""
        words = self.words[1:].lstrip() if self.listed else self.words
        if not words.startswith("{"):
            return {}
        try:
            value, _ = json.JSONDecoder(parse_int=str, parse_float=str).raw_decode(words)
        except (ValueError, RecursionError):
            return dict.fromkeys(_keys(words))
        return value if isinstance(value, dict) else {}

    def has(self, *keys: str) -> bool:
        """Whether the first object has any of the keys."""
        return any(key in self.value for key in keys)


def _keys(words: str) -> list[str]:
    """The keys of an object that is broken off, at its own level only."""
    keys: list[str] = []
    depth, string = 0, ""
    for match in _TOKEN.finditer(words):
        sign = match[0]
        if sign[0] == '"':
            string = sign[1:].removesuffix('"')
        elif sign == ":":
            if depth == 1:
                keys.append(string)
        elif sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
    return keys

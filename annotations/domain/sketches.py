"""Whether two articles are nearly the same, and a sketch by which the one finds the other.

A text is the set of its runs of RUN words, whatever their case and what stands between them. Two
are nearly the same where the runs that both have are at least NEARLY of those that either has.
"""

import re
from hashlib import blake2b
from itertools import islice
from zlib import crc32

RUN = 5  # words
NEARLY = 0.8
LONGEST = 100_000  # code points that are looked at; what comes after them does not count
KEYS = 8  # of a sketch
_AT_ONCE = 3  # least runs that one key is made of
_BINS = KEYS * _AT_ONCE
# Scripts without blanks between words: Thai to Lao, Burmese, Khmer, kana, ideographs.
_UNBROKEN = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNBROKEN}]|[^\W{_UNBROKEN}]+")


def runs(text: str) -> frozenset[int]:
    """The text's runs of words, each as a number; of a shorter text the whole is one.

    Of a script without blanks between its words each character is one.
    """
    words = _WORD.findall(text[:LONGEST].casefold())
    if len(words) < RUN:
        return frozenset([crc32(" ".join(words).encode())])
    rows = (islice(words, at, None) for at in range(RUN))
    return frozenset(map(crc32, map(str.encode, map(" ".join, zip(*rows, strict=False)))))


def likeness(one: frozenset[int], other: frozenset[int]) -> float:
    """The share of the runs that both have in those that either has, from 0 to 1."""
    return len(one & other) / len(one | other)


def sketch(found: frozenset[int]) -> tuple[int, ...]:
    """At most KEYS numbers of 63 bits, ascending. Texts with one in common may be nearly the same.

    found: as `runs` has them. Of two texts that are NEARLY alike, one key at least is the same in
    996 of 1,000 cases, of two that are 0.9 alike in all but one of 30,000.
    """
    # The least of each bin: a later, lesser one takes the place.
    least = {number % _BINS: number for number in sorted(found, reverse=True)}
    keys = set()
    for key in range(KEYS):
        bins = range(key * _AT_ONCE, (key + 1) * _AT_ONCE)
        told = repr([(each, least.get(each)) for each in bins]).encode()
        if any(each in least for each in bins):
            keys.add(int.from_bytes(blake2b(told, digest_size=8).digest()) >> 1)
    return tuple(sorted(keys))

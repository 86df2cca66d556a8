"""The XML in a spreadsheet, parsed as it streams by the standard library; what was read is let go of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import Any, Final
from xml.etree.ElementTree import Element, XMLPullParser
from xml.parsers import expat

MOST_COLUMNS: Final = 16_384
MOST_ROWS: Final = 1 << 24
"""Ten times and more what a spreadsheet takes; a row number beyond is damage."""
LONGEST_ITEM: Final = 64 << 20
"""Bytes of one row; the parser keeps all of it."""
LONGEST_TAG: Final = 4 << 20
"""Bytes of one tag and the text behind it; the parser begins a tag anew with each chunk until it has its end."""


def streamed(
    chunks: Iterable[bytes], items: Iterable[str], marks: Iterable[str] = (), told: Callable[[int], None] | None = None
) -> Iterator[Element]:
    """The elements of some names, each when it is whole, and those of `marks` when they begin, in their order.

    Args:
        chunks: the document.
        items: names as `{namespace}name`, of elements that have none of the same name inside.
        marks: names of elements of which only the attributes are wanted.
        told: is called with the bytes so far.

    Raises:
        ValueError: a document type, because a few entities can fill any memory; or one item without end.
        SyntaxError: it is not well formed, and ElementTree's ParseError is one.
    """
    wanted = frozenset(items)
    wanted_or_marks = wanted | frozenset(marks)
    parser: XMLPullParser[Any] = XMLPullParser(["start"])
    guard = _Prolog()
    root: Element | None = None
    item: Element | None = None
    count = since = tagged = 0
    for chunk in chunks:
        guard.check(chunk)
        parser.feed(chunk)
        count += len(chunk)
        found: list[Element] = []
        for element in _begun(parser):
            tag = element.tag
            tagged = count
            if root is None:
                root = element
            if tag in wanted_or_marks:
                since = count
                if item is not None:
                    found.append(item)
                item = element
        if told is not None:
            told(count)
        yield from found
        if root is not None:
            _let_go(root, wanted)
        if count - since > LONGEST_ITEM or count - tagged > LONGEST_TAG:
            raise ValueError("an element without end")
    parser.close()
    if item is not None:
        yield item


def elements(document: bytes) -> list[tuple[str, dict[str, str]]]:
    """The elements of a small document in their order: the name without its namespace, and the attributes likewise.

    Raises:
        ValueError, SyntaxError: as `streamed`.
    """
    guard = _Prolog()
    guard.check(document)
    parser: XMLPullParser[Any] = XMLPullParser(["start"])
    parser.feed(document)
    parser.close()
    return [(_local(element.tag), {_local(key): value for key, value in element.items()}) for element in _begun(parser)]


class _Prolog:
    """Looks at what stands before the root element, where alone a document type may be."""

    def __init__(self) -> None:
        self._over = False
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._end

    def check(self, chunk: bytes) -> None:
        if not self._over:
            self._parser.Parse(chunk, False)

    def _end(self, *_: object) -> None:
        self._over = True
        self._parser.StartElementHandler = None

    @staticmethod
    def _refuse(*_: object) -> None:
        raise ValueError("no spreadsheet has a document type")


def _begun(parser: XMLPullParser[Any]) -> Iterator[Element]:
    return map(itemgetter(1), parser.read_events())


def _let_go(root: Element, items: frozenset[str]) -> None:
    """Drop all that is before the place where the parser is, but for the item that it may be in."""
    element = root
    while len(element) and element.tag not in items:
        del element[:-1]
        element = element[0]


def _local(name: str) -> str:
    return name.rpartition("}")[2]

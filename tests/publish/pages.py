"""A page as its reader's machine sees it: elements, their attributes and their text."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "input", "br", "link", "img"}


@dataclass
class Element:
    """An element with its children."""

    tag: str
    attributes: dict[str, str]
    parent: Element | None = None
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, *tags: str) -> list[Element]:
        found = [self] if not tags or self.tag in tags else []
        for child in self.children:
            found += child.all(*tags)
        return found

    def one(self, tag: str, **attributes: str) -> Element:
        found = [e for e in self.all(tag) if attributes.items() <= e.attributes.items()]
        assert len(found) == 1, (tag, attributes, len(found))
        return found[0]

    def by_id(self, name: str) -> Element:
        found = [e for e in self.all() if e.attributes.get("id") == name]
        assert len(found) == 1, name
        return found[0]

    @property
    def words(self) -> str:
        return " ".join(" ".join(e.text for e in self.all()).split())

    def inside(self, tag: str) -> bool:
        at = self.parent
        while at is not None and at.tag != tag:
            at = at.parent
        return at is not None


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.at = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {k: v or "" for k, v in attrs}, self.at)
        assert len(element.attributes) == len(attrs), f"an attribute twice in <{tag}>"
        self.at.children.append(element)
        if tag not in VOID:
            self.at = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.at.tag == tag, f"</{tag}> closes <{self.at.tag}>"
        assert self.at.parent is not None
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.text += data


def parse(page: str) -> Element:
    """Return the root of a page; its tags must nest and close."""
    parser = _Parser()
    parser.feed(page)
    parser.close()
    assert parser.at is parser.root, f"<{parser.at.tag}> is left open"
    return parser.root

"""What a page and a terminal must not get from a student: anything that they would obey instead of show."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_TAGS = frozenset({"script", "iframe", "frame", "object", "embed", "base", "form", "input", "button", "img", "image", "video", "audio",
                   "source", "track", "foreignobject", "animate", "set", "use", "math", "template", "portal", "noscript"})  # fmt: skip
_URLS = frozenset({"href", "src", "action", "formaction", "xlink:href", "data", "poster", "background", "srcset", "ping", "cite"})
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|[\ud800-\udfff]")


# What the class page has of them: its own script, the data that this reads, its search, and rows for readers without scripts.
CLASS_PAGE = frozenset({"script", "form", "input", "button", "noscript"})


class _Parser(HTMLParser):
    def __init__(self, allowed: frozenset[str] = frozenset()) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self.refused = _TAGS - allowed
        self.scripts: list[str] = []
        self.in_script = False
        self.styles: list[str] = []
        self.in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.refused:
            self.problems.append(f"an element {tag}")
        if tag == "style":
            self.styles.append("")
        self.in_style, self.in_script = tag == "style", tag == "script"
        if tag == "script":
            self.scripts.append("")
        for name, value in attrs:
            self._check_attribute(tag, name, value or "")

    def _check_attribute(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on"):
            self.problems.append(f"a handler {name} of {tag}")
        if name in _URLS and not re.fullmatch(r"#[\w.-]*|[\w.%~!$&'()*+,;=@-]+(?:/[\w.-]+)*", value):
            self.problems.append(f"a link {value[:80]!r} of {tag}")
        if name == "style" and re.search(r"url|expression|import|behavior|\\|@", value, re.IGNORECASE):
            self.problems.append(f"a style {value[:80]!r}")
        if name == "http-equiv" and value.lower() != "content-security-policy":
            self.problems.append(f"a meta element with {value!r}")

    def handle_endtag(self, tag: str) -> None:
        self.in_style = self.in_script = False

    def handle_data(self, data: str) -> None:
        if self.in_style:
            self.styles[-1] += data
        if self.in_script:
            self.scripts[-1] += data

    def handle_pi(self, data: str) -> None:
        self.problems.append(f"a processing instruction {data[:40]!r}")

    def handle_comment(self, data: str) -> None:
        self.problems.append(f"a comment {data[:40]!r}")


def check_page(html: str, style: str, *scripts: str) -> list[str]:
    """What is wrong with a page whose one style sheet should be `style`, and its scripts data, which is not looked at, and then these."""
    parser = _Parser(CLASS_PAGE if scripts else frozenset())
    parser.feed(html)
    parser.close()
    problems = parser.problems
    if parser.styles != [style]:
        problems.append(f"{len(parser.styles)} style sheets, not the one of ours alone")
    if tuple(parser.scripts[1:]) != scripts or ("<" in "".join(parser.scripts[:1])):
        problems.append("other scripts than ours, or data that is more than data")
    if "default-src 'none'" not in html:
        problems.append("no policy that forbids scripts and loading")
    return problems + [f"the character {found!r}" for found in sorted({*_CONTROLS.findall(html)})]


def style_of(html: str) -> str:
    """The first style sheet of a page."""
    parser = _Parser(CLASS_PAGE)
    parser.feed(html)
    return parser.styles[0]


def check_terminal(text: str) -> list[str]:
    """What is wrong with a text that goes to a terminal."""
    return [f"the terminal gets {found!r}" for found in sorted({*_CONTROLS.findall(text)})]

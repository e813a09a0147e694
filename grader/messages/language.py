"""A language: its catalogue, and how a sentence of a result is known again and told in it.

The catalogues are the `.po` files beside this module and in an assignment's `translations/`, read as text: nothing is compiled
beforehand, so a clone and a wheel work alike. Babel is imported where another language than English is asked for.
"""

from __future__ import annotations

import functools
import gettext
import io
import re
import string
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

if TYPE_CHECKING:
    from babel.messages.catalog import Message

CODES = ("en", "zh")
_TAGS = {"en": "en", "zh": "zh-Hans"}
_NAMES = {"en": "English", "zh": "中文"}
_FOLDER = Path(__file__).parent
_BETWEEN_NAMES = re.compile(r"(, | and )(?![^\[]*\])")  # not within an index, as in W1[0, 1]
_REMEMBERED = 4_096
_STRICT = "said"  # the placeholder of a message; in those whose names begin so, an author's text may stand as well
_NO_SENTENCE = r"(?:(?!; |\. ).)+?"
_NUMBER = r"[-+.\w]+?"
_NAME = r"(?:\d+ more|[^\s,\[]+(?:\[[^\]]*\])?)"
_KINDS = {"said": ".+?", "error": ".+?", "names": f"{_NAME}(?:, {_NAME})*(?: and {_NAME})?"}  # by how a placeholder's name starts


class _Template(msgspec.Struct, frozen=True):
    """One form of a message with placeholders: `literal` is its longest fixed text, `weight` how much of it is fixed."""

    one: str
    many: str
    is_one: bool
    pattern: re.Pattern[str]
    literal: str
    weight: int


class Language:
    """What is said in one language. `authored` are catalogues of an assignment, as the text of `.po` files."""

    def __init__(self, code: str, *authored: str) -> None:
        self.code = code
        texts = () if code == "en" else ((_FOLDER / f"{code}.po").read_text(encoding="utf-8"), *authored)
        self._catalogue, self._plain, self._templates = _read(code, *texts)
        self.retell: Callable[[str], str] = functools.lru_cache(_REMEMBERED)(self._retell) if texts else str

    @property
    def tag(self) -> str:
        """The language as HTML's `lang` names it."""
        return _TAGS[self.code]

    @property
    def name(self) -> str:
        """The language's own name for itself."""
        return _NAMES[self.code]

    def say(self, template: str, /, **values: object) -> str:
        """The message in this language."""
        told = self._catalogue.gettext(template) if template else ""
        return told.format(**values) if values else told

    def say_n(self, one: str, many: str, n: int, /, **values: object) -> str:
        """The message about `n` things in this language."""
        return self._catalogue.ngettext(one, many, n).format(**{"n": n, **values})

    def listed(self, names: str) -> str:
        """A list of names as `grader.values.join` makes it, in this language."""
        if self.code == "en":
            return names
        parts = _BETWEEN_NAMES.split(names)
        between = {", ": self.say(", "), " and ": self.say(" and ")}
        told = [between[part] if index % 2 else self._counted(part) for index, part in enumerate(parts)]
        return "".join(told)

    def _counted(self, name: str) -> str:
        number, _, rest = name.partition(" ")
        if rest == "more" and number.isdecimal():
            return self.say("{number} more", number=number)
        return self.say("between") if name == "between" else name

    def _retell(self, text: str) -> str:
        """A sentence of a result, or several, in this language; a text that is none of ours stays as it is."""
        told = self._known(text)
        return text if told is None else told

    def _known(self, text: str) -> str | None:
        """A message known again as it stands, by its parts where several were put together, or by its template; else None."""
        if text in self._plain:
            return self._plain[text]
        told = self._apart(text, ". ", "")
        if told is None:
            told = self._by_template(text)
        return self._apart(text, "; ", self.say("; ")) if told is None else told

    def _by_template(self, text: str) -> str | None:
        for template in self._templates:
            if template.literal in text and (found := template.pattern.fullmatch(text)):
                told = self._filled(template, found.groupdict())
                if told is not None:
                    return told
        return None

    def _filled(self, template: _Template, values: Mapping[str, str]) -> str | None:
        """The template in this language, or None where what has to be a message in it is none of ours."""
        told = {}
        for name, value in values.items():
            told_value = self._known(value) if name == _STRICT else self._value(name, value)
            if told_value is None:
                return None
            told[name] = told_value
        if template.one == template.many:
            return self.say(template.one, **told)
        count = values.get("n", "")
        number = int(count) if count.isdecimal() and len(count) < 10 else 2 - template.is_one
        return self.say_n(template.one, template.many, number, **told)

    def _value(self, name: str, value: str) -> str:
        if name.startswith(_STRICT):
            return self._retell(value)
        return self.listed(value) if name.startswith("names") else value

    def _apart(self, text: str, between: str, joined: str) -> str | None:
        """The parts around `between` retold, or None unless each of them is known."""
        keep = 0 if joined else 1  # a full stop is its sentence's own
        for place in _places(text, between):
            first = text[: place + keep]
            told = self._plain.get(first) or self._by_template(first)
            rest = self._known(text[place + len(between) :]) if told is not None else None
            if rest is not None:
                return f"{told}{joined}{rest}"
        return None


def _places(text: str, between: str) -> Iterator[int]:
    start = text.find(between)
    while start >= 0:
        yield start
        start = text.find(between, start + 1)


def _read(code: str, *texts: str) -> tuple[gettext.NullTranslations, dict[str, str], tuple[_Template, ...]]:
    """The catalogue that the texts of `.po` files make together, its plain messages, and our own templates, the most telling first."""
    if not texts:
        return gettext.NullTranslations(), {}, ()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    whole, *others = [read_po(io.StringIO(text), locale=code) for text in texts]
    messages = [cast("tuple[str, ...]", message.id if message.pluralizable else (message.id,)) for message in whole if message.id]
    templates = [_template(forms, form) for forms in messages for form in forms]
    plain = {str(message.id): str(message.string) for catalogue in (*others, whole) for message in catalogue if _is_plain(message)}
    file = io.BytesIO()
    write_mo(file, whole)
    file.seek(0)
    kept = [template for template in templates if template is not None]
    return gettext.GNUTranslations(file), plain, tuple(sorted(kept, key=lambda template: -template.weight))


def _is_plain(message: Message) -> bool:
    return bool(message.id and message.string) and not message.pluralizable


def _template(forms: tuple[str, ...], form: str) -> _Template | None:
    """The pattern of one form of a message, or None where it has no placeholder."""
    parts = [(literal, field, bool(spec)) for literal, field, spec, _ in string.Formatter().parse(form)]
    if len(forms) == 1 and not any(field for _, field, _ in parts):
        return None  # the catalogue finds it as it stands
    seen: set[str] = set()
    pattern = ""
    for literal, field, specified in parts:
        pattern += re.escape(literal)
        if field:
            kind = _NUMBER if specified else next((kind for start, kind in _KINDS.items() if field.startswith(start)), _NO_SENTENCE)
            pattern += f"(?P={field})" if field in seen else f"(?P<{field}>{kind})"
            seen.add(field)
    literals = [literal for literal, _, _ in parts]
    return _Template(forms[0], forms[-1], form == forms[0], re.compile(pattern, re.DOTALL), max(literals, key=len), len("".join(literals)))

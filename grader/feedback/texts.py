"""An assignment's own texts, as its pages show them, and which language a page is in."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import msgspec

from grader.assignments import Assignment
from grader.feedback.material import Material
from grader.messages.language import Language
from grader.model import Note

_NATIVE = "en"  # of an assignment that does not say


class Texts(msgspec.Struct, frozen=True):
    """Title, prompts by exercise, and what to remember; `translations` are catalogues of them, as the text of `.po` files, by language.

    lines: by misconception, a regular expression for the lines of a student's code that it is about. notes: what instructors have to say.
    """

    title: str
    prompts: Mapping[str, str] = {}
    remember: tuple[str, ...] = ()
    language: str = ""
    translations: Mapping[str, str] = {}
    lines: Mapping[str, str] = {}
    notes: tuple[Note, ...] = ()

    def speak(self, asked: str | None, material: Material) -> Language:
        """The language that was asked for, else the assignment's, else the notebook's own."""
        code = asked or self.language or material.language or _NATIVE
        return _language(code, self.translations.get(code, ""))

    def tag(self, language: Language) -> str:
        """The language that these texts are in on a page in `language`, as HTML's `lang` names it."""
        return language.tag if language.code in self.translations else Language(self.language or _NATIVE).tag


def texts_of(assignment: Assignment) -> Texts:
    """The texts of an assignment."""
    prompts = {exercise.name: exercise.prompt for exercise in assignment.exercises if exercise.prompt}
    return Texts(
        assignment.title, prompts, assignment.remember, assignment.language, assignment.translations, assignment.lines, assignment.notes
    )


@functools.lru_cache(maxsize=16)
def _language(code: str, catalogue: str) -> Language:
    return Language(code, *filter(None, (catalogue,)))

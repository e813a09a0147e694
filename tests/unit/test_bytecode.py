"""Compiled modules and templates: kept, found again, and left alone where they cannot be written."""

from __future__ import annotations

import os
import py_compile
from importlib.util import cache_from_source
from pathlib import Path

import jinja2
import pytest

from grader import bytecode
from grader.feedback import bytecode as templates


def test_modules_are_compiled_once_and_again_when_they_change(tmp_path: Path) -> None:
    source = tmp_path / "one.py"
    source.write_text("x = 1\n", encoding="utf-8")
    assert not bytecode.is_kept(source)
    bytecode.keep([source])
    assert bytecode.is_kept(source)
    before = os.stat(cache_from_source(source)).st_ino
    bytecode.keep([source])
    assert os.stat(cache_from_source(source)).st_ino == before
    source.write_text("x = 12\n", encoding="utf-8")
    assert not bytecode.is_kept(source)


def test_bytecode_that_compares_the_source_is_left_to_its_maker(tmp_path: Path) -> None:
    source = tmp_path / "one.py"
    source.write_text("x = 1\n", encoding="utf-8")
    py_compile.compile(str(source), doraise=True, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
    assert bytecode.is_kept(source)


def test_what_cannot_be_compiled_or_written_is_passed_over(tmp_path: Path) -> None:
    broken, fine = tmp_path / "broken.py", tmp_path / "fine.py"
    broken.write_text("def\n", encoding="utf-8")
    fine.write_text("x = 1\n", encoding="utf-8")
    bytecode.keep([tmp_path / "none.py", broken])
    (tmp_path / "__pycache__").rmdir() if (tmp_path / "__pycache__").exists() else None
    (tmp_path / "__pycache__").write_bytes(b"")
    bytecode.keep([fine])
    assert not bytecode.is_kept(fine)


def render(folder: Path) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder), bytecode_cache=templates.cached_beside(folder), autoescape=True
    )
    return environment.get_template("page.j2").render(name="<ada>")


def test_templates_are_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "page.j2").write_text("Hello {{ name }}", encoding="utf-8")
    assert render(tmp_path) == "Hello &lt;ada&gt;"
    with monkeypatch.context() as patched:
        patched.setattr(jinja2.Environment, "compile", None)
        assert render(tmp_path) == "Hello &lt;ada&gt;"
    (tmp_path / "page.j2").write_text("Bye {{ name }}", encoding="utf-8")
    assert render(tmp_path) == "Bye &lt;ada&gt;"


@pytest.mark.parametrize("content", [b"", b"j2", b"nothing of the kind"])
def test_a_damaged_template_is_compiled_again(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "page.j2").write_text("Hello {{ name }}", encoding="utf-8")
    render(tmp_path)
    (kept,) = (tmp_path / "__pycache__").iterdir()
    kept.write_bytes(content)
    assert render(tmp_path) == "Hello &lt;ada&gt;"
    kept.write_bytes(kept.read_bytes()[:-20])
    assert render(tmp_path) == "Hello &lt;ada&gt;"


def test_templates_work_where_nothing_can_be_kept(tmp_path: Path) -> None:
    (tmp_path / "page.j2").write_text("Hello {{ name }}", encoding="utf-8")
    (tmp_path / "__pycache__").write_bytes(b"")
    assert render(tmp_path) == "Hello &lt;ada&gt;"

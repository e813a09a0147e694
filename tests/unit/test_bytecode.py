"""Compiled templates: kept, found again, and done without where they cannot be written."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest

from grader.feedback.bytecode import cached_beside


def render(folder: Path) -> str:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(folder), bytecode_cache=cached_beside(folder), autoescape=True)
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

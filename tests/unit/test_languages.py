"""What is said in another language: nothing lacks its translation, and a sentence of a result is known again."""

from __future__ import annotations

import re
import string
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import messages
from grader.feedback import Material, Texts
from grader.feedback.material import language_of
from grader.messages.language import CODES, Language
from grader.messages.worker import REASONS
from grader.notebook import Notebook, NotebookCell
from grader.sandbox import replies
from grader.sandbox.worker import lost

ROOT = Path(__file__).parents[2]
OTHERS = [code for code in CODES if code != "en"]
LISTS = {", ", " and "}  # said where a list is told, by name
ZH = Language("zh")
LIMITS = dict.fromkeys(("cell_seconds", "memory_mb", "disk_mb", "processes", "cpu_seconds", "submission_seconds"), 7)


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Our messages, by the command that pyproject.toml gives."""
    target = tmp_path_factory.mktemp("messages") / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "pyproject.toml"]
    keywords = ["-k", "say", "-k", "say_n:1,2", "-k", "message"]
    subprocess.run([*command, *keywords, "-o", str(target), "grader"], check=True, cwd=ROOT)
    with target.open(encoding="utf-8") as file:
        return read_po(file)


def catalogue(code: str) -> Catalog:
    with (Path(messages.__file__).parent / f"{code}.po").open(encoding="utf-8") as file:
        return read_po(file, locale=code)


def placeholders(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


def forms(text: object) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)  # type: ignore[arg-type]


def test_much_is_extracted(extracted: Catalog) -> None:
    assert len(extracted) > 200
    assert "Show a hint" in extracted  # of a template
    assert "it is {ratio:.4g} times the expected value" in extracted
    assert "it ran longer than {seconds} s" in extracted


@pytest.mark.parametrize("code", OTHERS)
def test_no_message_lacks_a_translation(code: str, extracted: Catalog) -> None:
    known = {message.id: message.string for message in catalogue(code) if message.id}
    wanted = {message.id for message in extracted if message.id}
    assert {text for text in wanted if not all(forms(known.get(text, "")))} == set()
    assert set(known) - wanted - LISTS == set()


@pytest.mark.parametrize("code", OTHERS)
def test_placeholders_agree(code: str) -> None:
    for message in catalogue(code):
        if message.id:
            wanted = set.union(*map(placeholders, forms(message.id)))
            for told in forms(message.string):
                assert placeholders(told) <= wanted | {"n"}, message.id
                assert placeholders(told) >= set.intersection(*map(placeholders, forms(message.id))), message.id
                assert not any(spec for _, _, spec, _ in string.Formatter().parse(told)), message.id


def test_what_the_worker_says_is_what_is_translated() -> None:
    said = [
        *(lost.too_long(LIMITS, "cell_seconds"), lost.too_much_memory(LIMITS), lost.too_much_disk(LIMITS)),
        *(lost.too_many_processes(LIMITS), lost.too_large()),
        *(lost.given_up(LIMITS, limit) for limit in ("cpu_seconds", "submission_seconds", "")),
        *(lost.FORGED, lost.describe_exit(3), lost.describe_exit(-9), replies.UNANSWERED.reason),
    ]
    chinese = Language("zh")
    assert [str(text) for text in said if chinese.retell(str(text)) == str(text)] == []
    source = (Path(lost.__file__).parent / "supervisor.py").read_text(encoding="utf-8")
    for text in re.findall(r'Lost\("([^"]+)"\)', source):
        assert text in REASONS


AUTHORED = 'msgid ""\nmsgstr "Language: zh\\n"\n\nmsgid "the first input"\nmsgstr "第一个输入"\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("it is 1.816 times the expected value", "它是预期值的 1.816 倍"),
        ("it is -2e-07 times the expected value", "它是预期值的 -2e-07 倍"),
        ("it is nan, not a finite number", "它是 nan，不是有限的数"),
        ("b1, b2 and b3 are never moved", "b1、b2 和 b3 从未移动"),
        ("W1[0, 1] and 3 more are still moved when b1 is tested", "检验 b1 时，W1[0, 1] 和 另外 3 个 仍处于移动后的位置"),
        ("db1 is 4.000 times the true value; dW2 is missing", "db1 是真实值的 4.000 倍；dW2 缺失"),
        (
            "Your value 3 is what this mistake gives; right is 2 (the first input).",
            "你的值 3 正是这个错误会得到的结果；正确的值应为 2（第一个输入）。",
        ),
        (
            "Your value is not right (it is 0): that is what this mistake gives (case 1). All 4 cases agree, and the "
            "evaluation points agree, too: f is never called; theta is moved upwards only.",
            "你的值不正确（它是 0）：这正是这个错误会得到的结果（测试 1）。4 个测试全部吻合，计算点也吻合：从未调用 f；theta 只向上移动。",
        ),
        (
            "What hidden cases show is what this mistake gives. One case was run.",
            "隐藏测试中看到的正是这个错误会得到的结果。1 个测试全部吻合。",
        ),
        (
            "The public cases pass and hidden ones fail, as they do with these two mistakes.",
            "公开测试通过而隐藏测试失败，犯这样的错误时正是如此。",
        ),
        (
            "f is evaluated once (2 expected), but not at the expected points: theta is never moved",
            "f 被调用 1 次（预期 2 次），但计算点与预期不同：theta 从未移动",
        ),
        ("at W1: value 2: it is 0", "在 W1 处：第 2 个值（从 0 数起）：它是 0"),
        ("a call was ended: it ran longer than 5 s", "一次调用被终止：运行超过了 5 秒"),
        ("the first input", "第一个输入"),
    ],
)  # fmt: skip
def test_a_sentence_of_a_result_is_known_again(text: str, told: str) -> None:
    assert Language("zh", AUTHORED).retell(text) == told
    assert Language("en").retell(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "My value is mine.",
        "it is what I say",
        "he is never quite moved",
        "All cats are {n}",
        "x is y; z is w",
        "ValueError: all numbers are mine",
    ],
)
def test_what_is_not_ours_stays_as_it_is(text: str) -> None:
    assert Language("zh", AUTHORED).retell(text) == text


@settings(deadline=None)
@given(st.text(), st.text(min_size=1, max_size=30))
def test_any_text_is_told_without_an_error_and_a_value_word_for_word(text: str, value: str) -> None:
    assert isinstance(ZH.retell(text), str)
    if "; " not in value and ". " not in value:
        assert value in ZH.retell(f"no cell defines a function called {value}")


@pytest.mark.parametrize(("n", "told"), [(1, "1 submission"), (2, "2 submissions"), (0, "0 submissions")])
def test_plural_forms(n: int, told: str) -> None:
    assert Language("en").say_n("{n} submission", "{n} submissions", n) == told
    assert ZH.say_n("{n} submission", "{n} submissions", n) == f"{n} 份提交"


def cells(*texts: str, kind: str = "markdown") -> Notebook:
    return Notebook(tuple(NotebookCell(index, kind, text) for index, text in enumerate(texts)), "")


@pytest.mark.parametrize(
    ("notebook", "code"),
    [
        (cells("# 梯度检验", "请用中心差分近似 the derivative"), "zh"),
        (cells("x = 1  # 计算代价并返回它\n", kind="code"), "zh"),
        (cells("name = '梯度检验梯度检验梯度检验'", kind="code"), ""),
        (cells("# Gradient checking", "Written by 李明 for a course on numerical methods"), ""),
        (cells("勾配のチェックをしましょう。これは日本語です。"), ""),
        (cells(), ""),
    ],
)
def test_a_notebooks_own_language(notebook: Notebook, code: str) -> None:
    assert language_of(notebook) == code


def test_which_language_is_spoken() -> None:
    chinese = Material(language="zh")
    assert Texts("t").speak(None, Material()).code == "en"
    assert Texts("t").speak(None, chinese).code == "zh"
    assert Texts("t", language="en").speak(None, chinese).code == "en"
    assert Texts("t", language="en").speak("zh", Material()).code == "zh"
    assert Texts("t", translations={"zh": AUTHORED}).tag(ZH) == "zh-Hans"
    assert Texts("t").tag(ZH) == "en"


def test_babel_is_not_imported_for_english() -> None:
    code = (
        "import sys; from grader.messages.language import Language; Language('en').say('x'); print('babel' in sys.modules);"
        "Language('zh').say('x'); print('babel' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT).stdout
    assert out.split() == ["False", "True"]

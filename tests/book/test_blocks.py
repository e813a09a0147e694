"""Reading of blocks and their marks, and comparing what is shown with what is said."""

from __future__ import annotations

import pytest

from tests.book import blocks

PAGE = """<!-- given: class, graded -->
# A page

```console
grader doctor
```

<!-- exits 1 -->

```console
grader check a.ipynb
```

* in a list:

  <!-- not run: it needs an account, a -> b -->
  ```toml
  a = 1
  ```

<!-- a remark -->
<!-- file: one.py -->
```python
print("<!-- exits 3 -->")
```

```
nothing is said of its language
```
"""


def test_blocks_and_their_marks() -> None:
    read = blocks.parse(PAGE)
    assert [(block.language, block.text, block.why_not, block.exits, block.file) for block in read] == [
        ("console", "grader doctor\n", "", 0, ""),
        ("console", "grader check a.ipynb\n", "", 1, ""),
        ("toml", "a = 1\n", "it needs an account, a -> b", 0, ""),
        ("python", 'print("<!-- exits 3 -->")\n', "", 0, "one.py"),
        ("", "nothing is said of its language\n", "", 0, ""),
    ]
    assert PAGE.splitlines()[read[2].line - 1] == "  a = 1"
    assert blocks.given(PAGE) == ["class", "graded"]


@pytest.mark.parametrize(
    ("shown", "lacking"),
    [
        ("[1/5] ada  50/50\n[3/5] chloe  40/50", ""),
        ("[1/5]   ada 50/50", ""),
        ("run …, results: …/index.html", ""),
        ("[3/5] chloe  40/50\n[1/5] ada  50/50", "[1/5] ada  50/50"),
        ("ada  50", "ada  50"),
        ("…", ""),
        ("", ""),
    ],
)
def test_what_is_shown_is_said_in_order(shown: str, lacking: str) -> None:
    assert blocks.missing(shown, "[1/5] ada  50/50  \n[2/5] ben  1/50\n[3/5] chloe  40/50\nrun 1, results: out/index.html\n") == lacking

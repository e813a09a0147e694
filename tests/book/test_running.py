"""A page that does not do what it says is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import parts
from tests.book.running import run_page

GOOD = """# A page

```console
mkdir place && cd place
export GREETING="good day"
```

The shell goes on where it was.

```console
echo "$GREETING" && pwd
```

```text
good day
…/place
```

<!-- file: place/hello.py -->
```python
print("hello")
```

<!-- append: place/hello.py -->
```python
raise SystemExit(3)
```

<!-- exits 3 -->
<!-- by hand: sed -i s/hello/goodbye/ hello.py -->
```console
python hello.py
```

```text
goodbye
```

<!-- not run: it needs a printer -->
```console
lpr page.md
```
"""


@pytest.fixture(autouse=True)
def linux() -> None:
    parts.need_linux()


def test_a_page_that_does_what_it_says(tmp_path: Path) -> None:
    run_page(GOOD, Path("page.md"), tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("<!-- exits 3 -->\n", "", "page.md:31 ended with 3"),
        ("<!-- exits 3 -->", "<!-- exits 1 -->", "page.md:32 ended with 3"),
        ("text\ngoodbye", "text\nhello", "shows 'hello'"),
        ("text\ngood day", "text\n…/place\ngood day", "shows 'good day'"),
        ("it needs a printer", "later", "why is it not run?"),
        ("<!-- not run: it needs a printer -->", "", "ended with 127"),
    ],
)
def test_a_page_that_does_not(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in GOOD
    with pytest.raises(AssertionError, match=told):
        run_page(GOOD.replace(old, new), Path("page.md"), tmp_path)


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("```json\n{\n```", "JSONDecodeError"),
        ("```toml\n[bars]\nkilled = 2\n```", "AssignmentError"),
        ("```toml\n[barz]\nkilled = 1\n```", "AssignmentError"),
        ("<!-- file: x.toml -->\n```toml\na = \n```", "TOMLDecodeError"),
        ("```text\nof nobody\n```", "AssertionError"),
        ("```fortran\nPRINT *, 1\n```", "AssertionError"),
    ],
)
def test_blocks_that_are_not_what_they_are_called(tmp_path: Path, block: str, told: str) -> None:
    with pytest.raises(Exception) as raised:  # noqa: PT011 - of several kinds, each named
        run_page(f"{block}\n", Path("page.md"), tmp_path)
    assert type(raised.value).__name__ == told

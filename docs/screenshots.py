"""Makes the pictures of the documentation: grades example submissions and photographs their pages with headless Chromium.

python docs/screenshots.py
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "assignments" / "gradient_checking" / "examples"
MAX_BYTES = 300_000
CHROMIUM = (
    "chromium",
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-device-scale-factor=0.9",
)


class Picture(NamedTuple):
    """A student's page from its top; `height` cuts it below."""

    name: str
    student: str
    height: int
    width: int = 900


PICTURES = (
    Picture("feedback.png", "chloe", 1230),
    Picture("feedback-theta-not-copied.png", "chloe", 2620),
    Picture("feedback-two-epsilon.png", "dmitri", 2520),
    Picture("feedback-hard-coded-gradient.png", "grace", 2480),
    Picture("feedback-planted-bugs.png", "ada", 1500),
)


def main() -> None:
    """Writes docs/*.png."""
    with tempfile.TemporaryDirectory() as folder:
        for student in dict.fromkeys(picture.student for picture in PICTURES):
            shutil.copytree(EXAMPLES / student, f"{folder}/in/{student}")
        grade = [sys.executable, "-m", "grader", "grade", f"{folder}/in", "-a", "gradient_checking", "-o", f"{folder}/out"]
        subprocess.run(grade, check=True, stdout=subprocess.DEVNULL)
        for picture in PICTURES:
            page, path = f"file://{folder}/out/{picture.student}/feedback.html", ROOT / "docs" / picture.name
            size = f"--window-size={picture.width},{picture.height}"
            options = [f"--user-data-dir={folder}/profile", size, f"--screenshot={path}"]
            subprocess.run([*CHROMIUM, *options, page], check=True, stderr=subprocess.DEVNULL)
            if path.stat().st_size > MAX_BYTES:
                raise SystemExit(f"{path} is larger than {MAX_BYTES} bytes: cut it")
            print(path)


if __name__ == "__main__":
    main()

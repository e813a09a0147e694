"""Makes the pictures of the documentation: grades example submissions and photographs their pages with headless Chromium.

python docs/screenshots.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "assignments" / "gradient_checking" / "examples"
PICTURES = {"feedback.png": ("chloe", 1000, 1230)}
CHROMIUM = (
    "chromium",
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
)


def main() -> None:
    """Writes docs/*.png."""
    with tempfile.TemporaryDirectory() as folder:
        grade = [sys.executable, "-m", "grader", "grade", str(EXAMPLES), "-a", "gradient_checking", "-o", f"{folder}/out"]
        subprocess.run(grade, check=True, stdout=subprocess.DEVNULL)
        for name, (student, width, height) in PICTURES.items():
            page, picture = f"file://{folder}/out/{student}/feedback.html", ROOT / "docs" / name
            options = [
                "--hide-scrollbars",
                f"--user-data-dir={folder}/profile",
                f"--window-size={width},{height}",
                f"--screenshot={picture}",
            ]
            subprocess.run([*CHROMIUM, *options, page], check=True, stderr=subprocess.DEVNULL)
            print(picture)


if __name__ == "__main__":
    main()

"""Reports as they should be, kept in files; GRADER_UPDATE_GOLDEN=1 writes them anew."""

import os
import re
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def skeleton(page: str) -> str:
    """Return a page without what other tests look at and other versions of libraries draw differently."""
    page = re.sub(r"<style>.*?</style>", "<style/>", page, flags=re.DOTALL)
    page = re.sub(r"<script>.*?</script>", "<script/>", page, flags=re.DOTALL)
    page = re.sub(r"'sha256-[^']+'", "'sha256-…'", page)
    page = re.sub(r"<math.*?</math>", "<math/>", page, flags=re.DOTALL)
    return re.sub(r'<svg class="figure".*?</svg>', '<svg class="figure"/>', page, flags=re.DOTALL)


def assert_golden(name: str, text: str) -> None:
    path = FOLDER / name
    if os.environ.get("GRADER_UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
    assert text.encode().decode() == path.read_bytes().decode(), (
        f"{name} differs; GRADER_UPDATE_GOLDEN=1 writes it anew"
    )

# SPDX-FileCopyrightText: The percepnet authors
# SPDX-License-Identifier: BSD-2-Clause
"""Links of the documents lead to files and headings that are there, docs/README.md names every
page, and the rows of a table have as many cells as its first: test_links.py SOURCE_ROOT"""

import pathlib
import re
import sys

import tap
from tap import check

ROOT = pathlib.Path(sys.argv[1])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
GENERATED = {"build", "subprojects", "work"}


def documents():
    for path in sorted(ROOT.rglob("*.md")):
        parts = path.relative_to(ROOT).parts
        if not any(part in GENERATED or part.startswith("build-") for part in parts):
            yield path


def text_of(path):
    return FENCE.sub("", path.read_text(encoding="utf-8"))


def headings(path):
    """As the pages of Git hosts name them: lower case, hyphens for spaces, no other signs."""
    seen = {}
    for line in re.findall(r"^#+ +(.*)$", text_of(path), re.MULTILINE):
        words = re.sub(r"[^\w\- ]", "", line.strip().lower()).replace(" ", "-")
        seen[words] = seen.get(words, -1) + 1
        yield words if seen[words] == 0 else f"{words}-{seen[words]}"


def links(path):
    for target in LINK.findall(re.sub(r"`[^`\n]*`", "", text_of(path))):
        if not re.match(r"[a-z]+:", target):
            yield target


def wrong(path, target):
    name, _, heading = target.partition("#")
    place = (path.parent / name).resolve() if name else path
    if not place.exists():
        return "no such file"
    if heading and heading not in headings(place):
        return "no such heading"
    return None


def test_links_lead_somewhere():
    found = [f"{path.relative_to(ROOT)}: {target}: {wrong(path, target)}"
             for path in documents() for target in links(path) if wrong(path, target)]
    check(not found, "\n".join(found))


def test_there_are_links():
    count = sum(1 for path in documents() for _ in links(path))
    check(count > 50, f"{count} links")


def cells(row):
    return re.sub(r"`[^`]*`", "", row).replace("\\|", "").count("|")


def test_tables_are_whole():
    tables = [(path, table) for path in documents()
              for table in re.findall(r"(?:^\|.*\n)+", text_of(path), re.MULTILINE)]
    check(len(tables) > 50, f"{len(tables)} tables")
    broken = [f"{path.relative_to(ROOT)}: {row}" for path, table in tables
              for row in table.splitlines() if cells(row) != cells(table.splitlines()[0])]
    check(not broken, "\n".join(broken))


def test_the_index_names_every_page():
    index = ROOT / "docs" / "README.md"
    named = {(index.parent / target.split("#")[0]).resolve() for target in links(index)}
    pages = {path.resolve() for path in (ROOT / "docs").rglob("*.md")} - {index.resolve()}
    check(pages <= named, f"not in docs/README.md: {sorted(map(str, pages - named))}")


def test_the_readme_leads_to_the_index():
    targets = list(links(ROOT / "README.md"))
    for page in ("docs/README.md", "docs/quickstart.md", "docs/install.md"):
        check(page in targets, f"{page} is not linked")


tap.run_module(dict(globals()))

"""Data Docs without the network: the pages load styles, scripts and a logo from six hosts, and send the context's id.

What is remote is taken out and a small stylesheet put in its place; the text of the pages stays as it is.
"""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path
from typing import Final

_REMOTE: Final = re.compile(
    r"""
      <script\b.*?</script\s*>                              # nothing on the pages needs one
    | <link\b[^>]*>                                         # styles, and an icon beside the pages
    | <img\b[^>]*\bsrc=["']?(?:https?:)?//[^>]*>            # the logo
    | <footer\b.*?</footer\s*>                              # an invitation to a newsletter
    | @import\s[^;]*;
    | url\(\s*["']?(?:https?:)?//[^)]*\)                    # images in the pages' own styles
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


def make_offline(site: Path) -> None:
    """Rewrite the pages of a site with one validation, so that they load nothing, and lead its index to that result."""
    for page in site.rglob("*.html"):
        text = _REMOTE.sub("", page.read_text(encoding="utf-8"))
        page.write_text(text.replace("</head>", f"<style>{_style()}</style></head>", 1), encoding="utf-8")
    shutil.rmtree(site / "static")
    # The index fills its tables by script. There is one result to show, so it shows that.
    (result,) = (site / "validations").rglob("*.html")
    (site / "index.html").write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={result.relative_to(site)}">',
        encoding="utf-8",
    )


@cache
def _style() -> str:
    return (Path(__file__).parent / "docs_site.css").read_text(encoding="utf-8")

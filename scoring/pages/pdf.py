"""A page on paper: printed to PDF by a browser of the Chromium family, where there is one.

Nothing is fetched and nothing leaves the machine: the browser reads the page from its file, with everything unfolded
by the page's own print style. Where there is no browser, that is said, and the page can be printed from any other.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from ...core.messages import Catalogue, Message, Sentence
from ...core.working_folder import WorkingFolder

__all__ = ["BROWSERS", "PDF_WORDS", "browser", "print_pdf"]

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
"""Commands that print a page, looked for in this order."""

_SECONDS = 120

PDF_WORDS = Catalogue(
    {
        "written": Sentence("on paper: {file}", "version papier : {file}"),
        "no_browser": Sentence(
            "no PDF: none of {browsers:or} is installed; install one, or print {page} from any browser",
            "pas de PDF : aucun de ces navigateurs n'est installé ({browsers:or}) ; installez-en un, ou imprimez {page}"
            " depuis un autre",
        ),
        "failed": Sentence(
            "no PDF: {browser} did not print {page} ({why}); print it from any browser",
            "pas de PDF : {browser} n'a pas imprimé {page} ({why}) ; imprimez la page depuis un autre navigateur",
        ),
    }
)
"""Where the PDF lies, or why there is none."""


def browser() -> str | None:
    """Return the browser that prints, None where there is none."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def print_pdf(page: Path, pdf: Path) -> Message:
    """Print a page, and say where the PDF lies or why there is none.

    Parameters
    ----------
    page
        A self-contained HTML file.
    pdf
        File to write; one that is there already is replaced, and taken away where printing fails.

    Returns
    -------
    Message
        ``written``, ``no_browser`` or ``failed``, of :data:`PDF_WORDS`.
    """
    pdf.unlink(missing_ok=True)
    part = pdf.with_name(f".{pdf.name}.part")
    found = browser()
    if found is None:
        return Message.of("no_browser", browsers=BROWSERS, page=str(page))
    with WorkingFolder() as profile:
        command = [
            found,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            f"--user-data-dir={profile}",
            "--no-pdf-header-footer",
            f"--print-to-pdf={part.resolve()}",
            *(["--no-sandbox"] if _is_root() else []),
            page.resolve().as_uri(),
        ]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
            why = f"exit {done.returncode}"
        except (OSError, subprocess.TimeoutExpired) as error:
            done, why = None, type(error).__name__
    if done is None or done.returncode or not part.is_file():
        part.unlink(missing_ok=True)
        return Message.of("failed", browser=Path(found).name, page=str(page), why=why)
    part.replace(pdf)
    return Message.of("written", file=str(pdf))


def _is_root() -> bool:
    """Return whether the browser's own sandbox cannot start: it refuses root."""
    return hasattr(os, "geteuid") and os.geteuid() == 0

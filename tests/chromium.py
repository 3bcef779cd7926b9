"""The browser of the journeys: Debian's Chromium, or Chrome, or the one that Playwright brought."""

import os
import shutil
import subprocess
from pathlib import Path

HOW_TO_INSTALL = "On Debian: apt-get install chromium"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip


class NoChromium(RuntimeError):
    """No browser could be started here; the message says why, and what would help."""


def binary() -> str | None:
    """The program to start, or None. ``HAVEN_CHROMIUM`` names another one."""
    if os.environ.get("HAVEN_CHROMIUM"):
        return os.environ["HAVEN_CHROMIUM"]
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        found = shutil.which(name)
        if found:
            return found
    for found_path in Path.home().glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome"):
        return str(found_path)
    return None


def demand() -> str:
    """The program, tried once: it loads an empty page without a screen. Raises NoChromium."""
    program = binary()
    if program is None:
        raise NoChromium(f"No Chromium found. {HOW_TO_INSTALL}")
    try:
        done = subprocess.run(
            [program, "--headless=new", *FLAGS, "--dump-dom", "about:blank"], capture_output=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoChromium(f"{program} did not start ({type(error).__name__}). {HOW_TO_INSTALL}") from error
    if done.returncode or b"<html" not in done.stdout:
        raise NoChromium(f"{program} started and showed no page. {HOW_TO_INSTALL}")
    return program

"""``make check``: what can be said of Haven without running it, fastest first. All steps run, whatever the first ones say."""

import os
import sys

from tests.steps import BIN, ROOT, Table, run, say

SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.settings"}

#: Rules that are read from the files themselves: of locks and paths, modules, layers and templates.
HOUSE = (
    "tests/house/test_tree.py",
    "tests/house/test_rules.py",
    "tests/house/test_layers.py",
    "tests/interface/test_template_lint.py",
)

#: (name, command, environment)
STEPS: tuple[tuple[str, list[str], dict[str, str]], ...] = (
    ("ruff", [str(BIN / "ruff"), "check", "--quiet", "--no-cache", "."], {}),
    ("ruff format", [str(BIN / "ruff"), "format", "--check", "--quiet", "--no-cache", "."], {}),
    ("rooms and layers", [str(BIN / "lint-imports"), "--no-cache"], {}),
    ("templates", [str(BIN / "djlint"), "--lint", "--quiet", "templates"], {}),
    ("house rules", [sys.executable, "-m", "pytest", "-q", "--no-header", *HOUSE], {}),
    ("system checks", [sys.executable, "manage.py", "check", "--fail-level", "WARNING"], SETTINGS),
    (
        "migrations complete",
        [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
        {**SETTINGS, "HAVEN_MAKE_MIGRATIONS": "1"},
    ),
    ("words", [sys.executable, "manage.py", "words", "--check"], SETTINGS),
    ("types", [str(BIN / "mypy"), "--no-error-summary"], SETTINGS),
)
#: Steps whose figures are shown although all is well: how much is translated.
SPEAKING = {"words"}


def main(chosen: list[str]) -> int:
    """Run the steps, or those whose names are given; show the table; return the exit code."""
    table = Table(("check", "", "seconds"))
    failed = 0
    for name, command, environment in STEPS:
        if chosen and name not in chosen:
            continue
        say(f"{name} …")
        code, seconds = run(command, environment={**environment, "PYTHONPATH": str(ROOT)}, quiet=name not in SPEAKING)
        failed += bool(code)
        table.rows.append((name, "FAILED" if code else "ok", f"{seconds:.1f}"))
    table.show()
    say()
    say("All checks passed." if not failed else f"{failed} of {len(table.rows)} checks failed.")
    return 1 if failed else 0


if __name__ == "__main__":
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    raise SystemExit(main(sys.argv[1:]))

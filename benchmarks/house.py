"""``python -m benchmarks.house``: the pages of a house with 20,000 cases on both engines, told in ``docs/performance-of-pages.md``.

Each engine takes half an hour, most of it to make the house. Nothing else should run beside it.
"""

from benchmarks.telling import ROOT, Page, write

PAGE = Page(
    path=ROOT / "docs" / "performance-of-pages.md",
    names=("pages served",),
    packages=("Django", "django-guardian", "django-simple-history", "gunicorn", "psycopg"),
    environment={"HAVEN_BENCH_CASES": "20000"},
    head="""# How fast the pages are

Written by `python -m benchmarks.house`. A house with 20,000 cases, a ledger of 95,000 events and the tasks of a quarter, behind
gunicorn with two processes. Each page is asked in turn from Haven and from a twin on the same databases without encryption,
permissions and ledger ("bare"). A ratio of 1.5× means that protection costs half a page more; at most 2× is allowed. Then every
page that opens for a caseworker, her supervisor, an attorney, the auditor, the administrator, the privacy officer and the
coordinator is asked many times: at most 100 ms at the 95th percentile. A first visit loads at most 40 KB.
""",
)

if __name__ == "__main__":
    raise SystemExit(write(PAGE))

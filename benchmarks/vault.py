"""``python -m benchmarks.vault``: the vault and the search on both engines, told in ``docs/performance.md``."""

from benchmarks.telling import ROOT, Page, write

PAGE = Page(
    path=ROOT / "docs" / "performance.md",
    # A town of a hundred thousand people leaves neither memory nor caches as they were.
    names=("vault", "keys", "search"),
    packages=("Django", "cryptography", "psycopg", "django-fernet-encrypted-fields", "django-cryptography-django5"),
    head="""# How fast the vault is

Written by `python -m benchmarks.vault`; every figure was measured in one run beside its peer. Trust the ratios: seconds
belong to a machine, ratios to the code. A ratio of 0.37× to plain means that a row with five opened fields costs 2.7 times
the same row unencrypted.
""",
)

if __name__ == "__main__":
    raise SystemExit(write(PAGE))

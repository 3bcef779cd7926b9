"""What is derived from a case's content outside its keys, and must go with it."""

from cases import search_index
from cases.models import Case


def forget_tokens(case: Case) -> None:
    """Delete every token by which this case could be found or compared. Inside the action that erases its card."""
    search_index.forget(case)

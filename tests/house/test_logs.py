"""What a line of the log may hold: the words of the code, numbers, and nothing that somebody sent or typed."""

import logging

import pytest

from casemgmt.logs import WithoutValues, keep_allowed_fields

pytestmark = pytest.mark.once
SENT = "Zarquella"


@pytest.fixture
def lines(caplog):
    """The lines that Haven's own formatter makes of what was logged."""
    caplog.set_level(logging.DEBUG)
    return lambda: [WithoutValues().format(record) for record in caplog.records]


def test_a_template_is_shown_with_its_numbers_alone(lines):
    logging.getLogger("gunicorn.error").warning("Worker %s (pid %s) of %d", SENT, 4711, 2)
    logging.getLogger("some.library").error("Not found: %s", SENT)
    logging.getLogger("some.library").error("Odd: %(name)s", {"name": SENT})
    logging.getLogger("some.library").error("Odd: %r", [SENT])
    assert SENT not in "".join(lines())
    assert "Worker … (pid 4711) of 2" in lines()[0] and "Not found: …" in lines()[1]


def test_a_message_that_was_put_together_before_is_not_shown(lines):
    log = logging.getLogger("django.security.DisallowedHost")
    log.error(f"Invalid header: {SENT}.example")
    log.error("Invalid header: {}".format(SENT))  # noqa: UP032
    log.error(ValueError(SENT))
    log.error(str(ValueError(SENT.lower())))
    assert all("(words not shown) test_logs.py:" in line and SENT.lower() not in line.lower() for line in lines())


def test_a_message_that_stands_in_the_code_is_shown(lines):
    logging.getLogger("some.library").warning("The lamp is lit.")
    assert lines()[0].endswith("The lamp is lit.")


def test_of_an_exception_its_kind_and_place(lines):
    try:
        raise ValueError(SENT)
    except ValueError:
        logging.getLogger("some.library").exception("It broke.")
    assert SENT not in lines()[0] and "[ValueError at " in lines()[0]


def test_own_events_keep_the_fields_on_the_list():
    line = keep_allowed_fields(None, "info", {"event": "job_failed", "job": "due", "name": SENT})
    assert line == {"event": "job_failed", "job": "due", "dropped": "name"}

"""Haven behind its own server, gunicorn, on the databases of the benchmark: processes that are asked over a socket."""

import http.client
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connections
from django.test import Client

from casemgmt.operations.server import House
from tests.served import free_port

WAIT_SECONDS = 60
BROWSER = {"Accept-Encoding": "gzip, deflate", "Accept": "text/html"}


@contextmanager
def served(after_fork: Callable[[], None] = lambda: None) -> Iterator[int]:
    """A server in a process of its own, where ``after_fork`` runs first; gives its port and ends it afterwards.

    It is forked, so that it knows what this process knows: the names of the databases, and the keys.
    """
    port = free_port()
    for connection in connections.all():
        connection.close()
    child = os.fork()
    if child == 0:
        _serve(port, after_fork)
    try:
        _wait_for(port, child)
        yield port
    finally:
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)


def _serve(port: int, after_fork: Callable[[], None]) -> None:
    """In the child: serve until it is told to stop, and never come back."""
    try:
        after_fork()
        for known in connections.settings.values():
            known["CONN_MAX_AGE"] = 600  # as in life
        House(bind=f"127.0.0.1:{port}", workers=2, with_worker=False, when_ready=lambda: None).run()
    except SystemExit:
        pass
    except BaseException:  # noqa: BLE001  nothing may run on in the child as if it were the benchmark
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(0)


def _wait_for(port: int, child: int) -> None:
    """Until somebody listens. Raises RuntimeError where nobody ever does."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        if os.waitpid(child, os.WNOHANG) != (0, 0):
            break
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        try:
            line.connect()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            line.close()
    raise RuntimeError("The measured server did not start.")


class Asker:
    """One browser that keeps its connection and its cookies."""

    def __init__(self, port: int, client: Client, whom: str = "Haven") -> None:
        self.whom = whom
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_SECONDS)
        cookies = "; ".join(f"{name}={one.value}" for name, one in client.cookies.items())
        self.headers = {**BROWSER, "Host": "localhost", "Cookie": cookies}

    def ask(self, address: str) -> tuple[int, dict[str, str], bytes]:
        """GET: status, headers, and the body as it travelled."""
        self.line.request("GET", address, headers=self.headers)
        answer = self.line.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()

    def page(self, address: str) -> Callable[[], bytes]:
        """A run that demands the page."""

        def run() -> bytes:
            status, _headers, body = self.ask(address)
            if status != 200:
                raise RuntimeError(f"{self.whom} answered {status} to {address}.")
            return body

        return run

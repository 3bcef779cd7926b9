"""Is a port free? Standard library only: asked before anything else is made or installed."""

import socket

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach what is bound there."""
    return address in LOOPBACK or address.startswith("127.")


def why_not(address: str, port: int) -> str:
    """One sentence that says why nothing can be served there; empty where it can.

    On loopback both families are asked: a browser that looks for "localhost" may try either first.
    """
    if not 0 < port < 65536:
        return f"{port} is not a port. Choose a number between 1024 and 65535."
    if is_loopback(address) and _answers(port):
        return f"Port {port} is taken by another program. Stop it, or choose another port: make run PORT={_next(port)}"
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except PermissionError:
            return f"Only root may use port {port}. Choose one above 1023: make run PORT=8000"
        except OverflowError:
            return f"{port} is not a port."
        except OSError:
            return (
                f"Port {port} of {address} is taken or cannot be used here. "
                f"Choose another port: make run PORT={_next(port)}"
            )
    return ""


def _next(port: int) -> int:
    """A neighbour to suggest."""
    return port + 1 if port < 65535 else 8000


def _answers(port: int) -> bool:
    """Whether somebody listens on loopback, in either family."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.settimeout(0.5)
                if probe.connect_ex((address, port)) == 0:
                    return True
        except OSError:
            continue  # this machine does not speak that family
    return False

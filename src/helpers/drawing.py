"""Pictures of charts, drawn in this process or by one that serves many.

The engine of vl-convert takes half a second to start, and runs threads, so that no fork of a process can have it.
Kernels of one build therefore ask a process that has it running. It draws what it is asked to draw and keeps nothing:
a picture depends on its specification alone.
"""

from __future__ import annotations

import contextlib
import json
from multiprocessing.connection import Client, Listener
from typing import Any

import vl_convert

_FIRST = {"data": {"values": [{}]}, "mark": "point"}  # starts the engine

address: str | None = None
"""Where a process that serves listens; None where this process draws for itself."""


def draw(spec: dict[str, Any]) -> str:
    """SVG of a Vega-Lite specification. Raises ValueError where it can not be drawn."""
    if address:
        with contextlib.suppress(EOFError, OSError), Client(address, "AF_UNIX") as connection:
            connection.send_bytes(json.dumps(spec).encode())
            if picture := connection.recv_bytes().decode():
                return picture
    return str(vl_convert.vegalite_to_svg(spec))


def serve(address: str) -> None:
    """Draw for whoever asks at `address`, a path for a Unix socket, one after the other and without end.

    The answer to a specification that can not be drawn is empty: who asked finds out why.
    """
    with Listener(address, "AF_UNIX", backlog=128) as listener:
        vl_convert.vegalite_to_svg(_FIRST)
        while True:
            with contextlib.suppress(EOFError, OSError), listener.accept() as connection:
                spec = json.loads(connection.recv_bytes())
                picture = ""
                with contextlib.suppress(ValueError):
                    picture = vl_convert.vegalite_to_svg(spec)
                connection.send_bytes(picture.encode())

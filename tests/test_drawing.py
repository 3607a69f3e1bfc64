"""Pictures drawn by another process are those that this one would draw."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import vl_convert

from helpers import drawing

SPEC = {"data": {"values": [{"a": 1.5}, {"a": None}]}, "mark": "point", "encoding": {"x": {"field": "a"}}}
NONSENSE = {"mark": "no such mark"}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """A process that serves; call to end it."""
    address = tmp_path / "drawer"
    process = multiprocessing.get_context("spawn").Process(target=drawing.serve, args=(str(address),), daemon=True)
    process.start()
    end = time.monotonic() + 60
    while not address.exists():
        assert process.is_alive() and time.monotonic() < end
        time.sleep(0.02)
    monkeypatch.setattr(drawing, "address", str(address))

    def stop() -> None:
        process.kill()
        process.join()

    yield stop
    stop()


def draws_nothing(*_: object) -> str:
    raise AssertionError("this process was to ask the other one")


def test_the_picture_is_the_one_drawn_here(server: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    here = vl_convert.vegalite_to_svg(SPEC)
    monkeypatch.setattr(vl_convert, "vegalite_to_svg", draws_nothing)
    assert [drawing.draw(SPEC) for _ in range(3)] == [here] * 3


def test_a_chart_that_can_not_be_drawn_says_why_and_harms_no_other(server: Callable[[], None]) -> None:
    with pytest.raises(ValueError, match="conversion failed"):
        drawing.draw(NONSENSE)
    assert drawing.draw(SPEC).startswith("<svg")


def test_where_the_other_process_has_ended_this_one_draws(server: Callable[[], None]) -> None:
    server()
    assert drawing.draw(SPEC) == vl_convert.vegalite_to_svg(SPEC)


def test_who_hangs_up_does_not_end_the_service(server: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    from multiprocessing.connection import Client

    with Client(drawing.address, "AF_UNIX"):
        pass
    monkeypatch.setattr(vl_convert, "vegalite_to_svg", draws_nothing)
    assert drawing.draw(SPEC).startswith("<svg")

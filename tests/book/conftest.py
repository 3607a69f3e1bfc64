"""What the tests of the built book share: the book itself, and a real browser."""

import functools
import http.server
import os
import shutil
import threading

import pytest

from helpers import paths

INSTALL = "no Chromium found; on Debian and Ubuntu: apt-get install -y chromium"
QUIET = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium. Without one the test is skipped, but where CI=true it fails."""
    candidates = ("chromium", "chromium-browser", "google-chrome")
    executable = next(filter(None, map(shutil.which, candidates)), None)
    if executable is None:
        (pytest.fail if os.environ.get("CI", "").lower() == "true" else pytest.skip)(INSTALL)
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=executable, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def built_book():
    """The folder of the built book."""
    if not (paths.HTML / "index.html").is_file():
        pytest.fail(f"there is no book in {paths.HTML}: run `make book`")
    return paths.HTML


@pytest.fixture(scope="session")
def address(built_book):
    """The address of a server on this machine that shows the built book."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=built_book)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()

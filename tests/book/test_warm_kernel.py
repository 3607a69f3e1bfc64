"""A warm kernel behaves as a cold one does: its own process, its own state, and an end in every case."""

import ast
import asyncio
import json
import logging
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from helpers import paths
from helpers.book import warm_kernel
from helpers.book.execution import Job, PageFailed, execute
from helpers.book.light_jsonschema import LEFT_OUT
from helpers.book.pages import Page
from helpers.book.warm_kernel import CHOICE, WARM_PROCESS, WarmProvisioner

SMALL = ("encodings", "_hypothesis_globals", "hypothesis", "pandera", "sortedcontainers", "sqlite3")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not warm_kernel.CAN_FORK, reason="this platform can not fork processes"),
]


@pytest.fixture(autouse=True)
def warm(monkeypatch):
    monkeypatch.setenv(CHOICE, "warm")
    monkeypatch.setattr("jupyter_client.provisioning.KernelProvisionerFactory._instance", None)


def client(*sources: str, **options) -> NotebookClient:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return NotebookClient(nbformat.v4.new_notebook(cells=cells), kernel_name="python3", **options)


def shown(*sources: str, env: dict[str, str] | None = None, cwd: Path | None = None, **options) -> list[str]:
    """What cells show in one new kernel."""
    resources = {"metadata": {"path": str(cwd)}} if cwd else {}
    notebook = client(*sources, resources=resources, **options).execute(**({"env": env} if env else {}))
    return ["".join(output["data"]["text/plain"]) for cell in notebook.cells for output in cell.outputs]


@pytest.fixture
def kernel():
    """A running kernel as one speaks to it by hand, and its client."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    speaking = manager.client()
    speaking.start_channels()
    speaking.wait_for_ready(timeout=60)
    yield manager, speaking
    speaking.stop_channels()
    manager.shutdown_kernel(now=True)


def run(speaking, code: str) -> str:
    """The text that code shows in a kernel, or the name of its error."""
    said = []
    reply = speaking.execute_interactive(
        code, timeout=60, output_hook=lambda message: said.append(message["content"].get("text", ""))
    )
    return reply["content"].get("ename") or "".join(said).strip()


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def wait_until(happened, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_the_libraries_are_there_before_the_first_cell():
    assert shown("import sys\n{'pandas', 'altair', 'scipy.stats', 'helpers.sections.trial'} <= set(sys.modules)") == [
        "True"
    ]


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="this platform does not list threads")
def test_what_is_imported_before_the_fork_starts_no_thread():
    count = "import helpers.book.warm_imports, os; print(len(os.listdir('/proc/self/task')))"
    found = subprocess.run(
        [sys.executable, "-c", count], env={**os.environ, **WARM_PROCESS}, capture_output=True, text=True, check=True
    )
    assert (found.stdout.strip(), found.stderr) == ("1", "")


def test_a_page_imports_no_library_that_the_warm_process_could_have():
    page = nbformat.read(paths.BOOK / "trial.ipynb", as_version=4)
    before, after = "import sys\nknown = set(sys.modules)\nNone", "sorted({*sys.modules} - known)"
    cells = [before, *(cell.source for cell in page.cells if cell.cell_type == "code"), after]
    imported = ast.literal_eval(shown(*cells, cwd=paths.BOOK)[-1])
    assert [name for name in imported if name.split(".")[0] not in SMALL] == []


def test_programs_leave_out_what_a_kernel_may_import():
    left = f"import sys, nbformat\nprint(sys.modules.get({LEFT_OUT!r}, 'free'))"
    program = subprocess.run(
        [sys.executable, "-c", f"import helpers.cli\n{left}"], capture_output=True, text=True, check=True
    )
    assert program.stdout.strip() == "None"
    assert shown(f"import sys, nbformat, altair\nsys.modules.get({LEFT_OUT!r}, 'free')") == ["'free'"]


def test_a_kernel_listens_when_it_is_handed_over():
    for _ in range(5):
        manager = KernelManager(kernel_name="python3")
        manager.start_kernel()
        try:
            for port in (manager.shell_port, manager.iopub_port, manager.control_port, manager.hb_port):
                socket.create_connection((manager.ip, port), timeout=1).close()
        finally:
            manager.shutdown_kernel(now=True)


@pytest.fixture
def no_drawers():
    """None left by other kernels."""
    for drawer in warm_kernel._drawers:
        drawer.send_signal(signal.SIGKILL)
    wait_until(lambda: not drawers())


DRAWN = "from helpers import drawing\n(drawing.draw({'data': {'values': [{}]}, 'mark': 'point'})[:4], drawing.address)"


def drawers() -> set[int]:
    return {drawer.pid for drawer in warm_kernel._drawers if drawer.poll() is None}


def test_kernels_that_follow_each_other_have_their_charts_drawn_by_one_process(no_drawers):
    first, second = (ast.literal_eval(shown(DRAWN)[0]) for _ in range(2))
    assert first == second
    assert first[0] == "<svg"
    assert len(drawers()) == 1


def test_a_process_that_draws_is_replaced_where_it_died(no_drawers):
    shown(DRAWN)
    before = drawers()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not drawers())
    assert ast.literal_eval(shown(DRAWN)[0])[0] == "<svg"
    assert len(drawers()) == 1 and not drawers() & before


def test_more_kernels_at_a_time_have_more_processes_that_draw(no_drawers):
    managers = [KernelManager(kernel_name="python3") for _ in range(5)]
    for manager in managers:
        manager.start_kernel()
    try:
        assert len(drawers()) == 3
    finally:
        for manager in managers:
            manager.shutdown_kernel(now=True)


def test_a_page_can_not_see_what_another_left():
    leave = textwrap.dedent("""
        import os, sys, random, pandas, helpers.format
        left = 1; pandas.left = 1; helpers.format.left = 1; os.environ["LEFT"] = "1"; sys.path.append("/left")
        pandas.set_option("display.precision", 2); os.chdir("/"); random.seed(1)
        pandas.get_option("display.precision")
    """)
    look = textwrap.dedent("""
        import os, sys, pandas, helpers.format
        [("left" in globals()), hasattr(pandas, "left"), hasattr(helpers.format, "left"), "LEFT" in os.environ,
         "/left" in sys.path, pandas.get_option("display.precision") == 2, os.getcwd() == "/"]
    """)
    assert shown(leave) == ["2"]
    assert set(json.loads(shown(look)[0].lower())) == {False}


def test_each_kernel_is_a_process_of_its_own_and_draws_its_own_numbers():
    draw = "import os, random, numpy\n(os.getpid(), random.random(), numpy.random.rand())"
    first, second = (eval(shown(draw)[0]) for _ in range(2))
    assert not set(first) & set(second)


SURROUNDINGS = textwrap.dedent("""
    import os, sys, time, locale, signal, threading, multiprocessing
    (os.getcwd(), os.environ["REVIEW_WORD"], hash("word"), locale.getlocale(), time.tzname, sys.path, sys.executable,
     sys.flags, os.getsid(0) == os.getpid(), signal.getsignal(signal.SIGTERM), multiprocessing.current_process().daemon,
     __name__, sys.stdin.closed, sys.warnoptions, [name for name in dir() if not name.startswith("_")])
""")


def test_hash_seed_locale_time_zone_and_folder_are_those_of_a_cold_kernel(tmp_path):
    script = tmp_path / "both.py"
    script.write_text(
        textwrap.dedent("""
        import os, sys
        sys.path.insert(0, sys.argv[1])
        from test_warm_kernel import SURROUNDINGS, client
        notebook = client(SURROUNDINGS, resources={"metadata": {"path": sys.argv[2]}})
        print(notebook.execute(env={**os.environ, "REVIEW_WORD": "set"}).cells[0].outputs[0]["data"]["text/plain"])
    """)
    )
    surroundings = {"PYTHONHASHSEED": "7", "LC_ALL": "C.UTF-8", "TZ": "Pacific/Auckland"}
    found = [
        subprocess.run(
            [sys.executable, str(script), str(Path(__file__).parent), str(tmp_path)],
            env={**os.environ, **surroundings, CHOICE: choice},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for choice in ("warm", "local-provisioner")
    ]
    assert found[0] == found[1]
    assert "NZ" in found[0]


def test_a_kernel_whose_hash_seed_can_not_be_given_to_a_fork_starts_cold():
    environment = {**os.environ, "PYTHONHASHSEED": "11"}
    wanted = subprocess.run(
        [sys.executable, "-c", "print(hash('word'))"], env=environment, capture_output=True, text=True
    ).stdout.strip()
    shown("1")
    assert shown("hash('word')", env=environment) == [wanted]


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="this platform does not list threads")
def test_linear_algebra_has_one_thread():
    count = "len(os.listdir('/proc/self/task'))"
    multiply = "square = numpy.ones((1000, 1000)) @ numpy.ones((1000, 1000))"
    assert shown(f"import os, numpy\nbefore = {count}\n{multiply}\n{count} - before") == ["0"]


def test_a_kernel_listens_outside_the_range_of_outgoing_connections(kernel):
    manager, _ = kernel
    ports = [manager.shell_port, manager.iopub_port, manager.stdin_port, manager.hb_port, manager.control_port]
    assert len(set(ports)) == 5
    assert all(15_000 <= port < 30_000 for port in ports)


def test_an_interrupt_stops_the_cell_and_keeps_the_state(kernel, tmp_path):
    manager, speaking = kernel
    run(speaking, "kept = 42")
    begun = tmp_path / "begun"
    waits = f"import pathlib, time\npathlib.Path({str(begun)!r}).touch()\ntime.sleep(60)"
    asked = speaking.execute(waits, stop_on_error=False)  # else what follows an error at once may be aborted, too
    wait_until(begun.exists)
    manager.interrupt_kernel()
    while (reply := speaking.get_shell_msg(timeout=20))["parent_header"].get("msg_id") != asked:
        pass
    assert reply["content"]["ename"] == "KeyboardInterrupt"
    assert run(speaking, "print(kept)") == "42"


def test_an_interrupt_reaches_what_a_cell_has_started(kernel):
    manager, speaking = kernel
    asked = speaking.execute("import subprocess\nsubprocess.run(['sleep', '60'])")
    wait_until(lambda: "sleep" in [child.name() for child in psutil.Process(manager.provisioner.pid).children()])
    manager.interrupt_kernel()
    while (reply := speaking.get_shell_msg(timeout=20))["parent_header"].get("msg_id") != asked:
        pass
    assert reply["content"]["ename"] == "KeyboardInterrupt"


def test_a_restart_gives_a_new_process_without_the_old_state(kernel):
    manager, speaking = kernel
    before = run(speaking, "import os\nkept = 42\nprint(os.getpid())")
    manager.restart_kernel()
    speaking.wait_for_ready(timeout=60)
    after = run(speaking, "import os\nprint(os.getpid())")
    assert before != after
    assert run(speaking, "kept") == "NameError"
    assert gone(int(before))


@pytest.mark.parametrize("now", [True, False])
def test_a_shutdown_ends_the_process(kernel, now):
    manager, speaking = kernel
    pid = int(run(speaking, "import os\nprint(os.getpid())"))
    manager.shutdown_kernel(now=now)
    assert gone(pid)


def test_an_orderly_shutdown_runs_what_was_registered_for_the_end(kernel, tmp_path):
    manager, speaking = kernel
    run(speaking, f"import atexit, pathlib\natexit.register(pathlib.Path({str(tmp_path / 'end')!r}).touch)")
    manager.shutdown_kernel()
    assert (tmp_path / "end").exists()


SHUT_DOWN = """
import nbformat
from nbclient import NotebookClient
from traitlets.config import Config
patient = Config({"KernelManager": {"shutdown_wait_time": 60}})
for _ in range(12):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import os")])
    NotebookClient(notebook, config=patient, extra_arguments=["--log-level=CRITICAL"]).execute()
"""


def test_an_orderly_shutdown_does_not_wait_for_an_output_that_has_ended():
    found = subprocess.run([sys.executable, "-c", SHUT_DOWN], capture_output=True, text=True, check=True)
    assert found.stderr == ""


def test_a_cell_may_start_processes_of_its_own():
    pool = "with multiprocessing.get_context('fork').Pool(2) as pool: squares = pool.map(abs, [-1, -2])"
    assert shown(f"import multiprocessing\n{pool}\nsquares") == ["[1, 2]"]


def test_a_daemon_may_fork_kernels(monkeypatch):
    monkeypatch.setitem(multiprocessing.current_process()._config, "daemon", True)
    forked = (
        "import multiprocessing\nmultiprocessing.current_process().daemon, multiprocessing.parent_process() is not None"
    )
    assert shown(forked) == ["(False, True)"]


def test_a_cell_that_takes_too_long_is_ended():
    with pytest.raises(CellTimeoutError):
        client("import time\ntime.sleep(60)", timeout=1).execute()


def test_after_a_time_out_the_next_cell_may_go_on():
    late = client("import time\ntime.sleep(60)", "6 * 7", timeout=1, interrupt_on_timeout=True, allow_errors=True)
    assert late.execute().cells[1].outputs[0]["data"]["text/plain"] == "42"


def test_a_kernel_that_is_killed_is_noticed():
    with pytest.raises(DeadKernelError):
        client("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)").execute()


@pytest.mark.parametrize("choice", ["warm", "local-provisioner"])
def test_a_page_whose_kernel_is_killed_fails_and_says_so(choice, tmp_path, monkeypatch):
    monkeypatch.setenv(CHOICE, choice)
    code = nbformat.v4.new_code_cell("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Template"), code])
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(notebook, tmp_path / "template.ipynb")
    with pytest.raises(PageFailed, match="page: kernel: Kernel died"):
        execute(Job(Page("page", "My page", tmp_path / "template.ipynb", (), ()), "Made so.", {}))


DRIVER = """
import os, sys
from jupyter_client.manager import KernelManager
manager = KernelManager(kernel_name="python3")
manager.start_kernel()
speaking = manager.client(); speaking.start_channels(); speaking.wait_for_ready(timeout=60)
speaking.execute("import time, subprocess\\nsubprocess.Popen(['sleep', '300'])\\ntime.sleep(300)")
print(manager.provisioner.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_process_outlives_the_one_that_builds(number):
    driver = subprocess.Popen([sys.executable, "-c", DRIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    kernel = int(driver.stdout.readline())
    time.sleep(1)
    family = psutil.Process(driver.pid).children(recursive=True)
    assert kernel in {each.pid for each in family}
    assert "sleep" in {each.name() for each in family}
    driver.send_signal(number)
    driver.wait(20)
    wait_until(lambda: all(gone(each.pid) for each in family))


def test_the_warm_process_is_started_anew_where_it_died():
    from multiprocessing import forkserver

    shown("1")
    os.kill(forkserver._forkserver._forkserver_pid, signal.SIGKILL)
    time.sleep(0.2)
    assert shown("6 * 7") == ["42"]


def test_where_the_warm_process_can_not_start_kernels_start_cold_and_it_is_said(tmp_path):
    (tmp_path / "broken.py").write_text("1 / 0")
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent("""
        import sys
        from helpers.book import warm_kernel
        warm_kernel._PRELOAD = "broken"
        sys.path.insert(0, sys.argv[1])
        from test_warm_kernel import shown
        print(shown("6 * 7"))
    """)
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, str(script), str(Path(__file__).parent)]
    found = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert found.stdout == "['42']\n", found.stderr
    assert warm_kernel.BROKEN in found.stderr


def test_where_nothing_can_be_forked_kernels_start_cold_and_it_is_said_once(monkeypatch, caplog):
    monkeypatch.setattr(warm_kernel, "CAN_FORK", False)
    warm_kernel._say_once.cache_clear()
    with caplog.at_level(logging.WARNING, logger="helpers.book.warm_kernel"):
        assert [shown("import os, multiprocessing\nmultiprocessing.parent_process() is None") for _ in range(2)] == [
            ["True"]
        ] * 2
    assert [record.message for record in caplog.records] == [warm_kernel.NO_FORK]


def test_a_kernel_of_another_environment_is_never_forked():
    assert warm_kernel._why_cold(["/usr/bin/other-python", "-m", "ipykernel_launcher", "-f", "file"], os.environ)
    assert warm_kernel._why_cold([sys.executable, "-m", "xeus", "-f", "file"], os.environ)
    assert asyncio.iscoroutinefunction(WarmProvisioner.launch_kernel)

"""The check that a deployment's server is the one that was started, and not another on the same port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.answers import family, listeners

pytestmark = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads Linux's /proc")


def test_a_listening_port_is_traced_to_its_process() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert listeners(server.getsockname()[1]) == {os.getpid()}


def test_a_port_on_which_nobody_listens_has_no_process() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert listeners(port) == set()


def test_a_child_belongs_to_the_family_and_the_parent_does_not() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert child.pid in family(os.getpid())
        assert os.getppid() not in family(os.getpid())
        child.communicate(b"\n")

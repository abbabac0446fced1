"""One port for everything, served by one server: who answers what, who may listen, and how it ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client, EnvironBuilder

from admin_ui.cli.serve import refuse_taken_port
from admin_ui.wsgi import ByFirstPart, behind_proxies
from idp.errors import ConfigurationFault
from idp.keyring import write_keyring
from tests.house.answers import family, listeners, ready

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from idp.keyring import Keyring

SKOLEPAS = Path(sys.executable).with_name("skolepas")
PATIENCE_SECONDS = 60


def saying(words: str) -> WSGIApplication:
    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [f"{words} {environ['SCRIPT_NAME']}|{environ['PATH_INFO']}|{environ.get('REMOTE_ADDR', '')}".encode()]

    return application


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/", "idp |/|"),
        ("/mit/", "mit |/mit/|"),
        ("/mit", "mit |/mit|"),
        ("/mit/sessions/1/end", "mit |/mit/sessions/1/end|"),
        ("/mitten", "idp |/mitten|"),
        ("/login/mit/", "idp |/login/mit/|"),
    ],
)
def test_the_first_part_of_the_path_decides_who_answers(path: str, answer: str) -> None:
    application = ByFirstPart(saying("idp"), {"mit": saying("mit")})
    assert Client(application).get(path).get_data(as_text=True).startswith(answer)


@pytest.mark.parametrize(("proxies", "address"), [(0, "192.0.2.1"), (1, "203.0.113.9")])
def test_forwarded_addresses_are_believed_only_behind_a_proxy_of_ours(proxies: int, address: str) -> None:
    asked = EnvironBuilder(
        headers={"X-Forwarded-For": "198.51.100.4, 203.0.113.9"}, environ_overrides={"REMOTE_ADDR": "192.0.2.1"}
    )
    answer = Client(behind_proxies(saying("idp"), proxies)).open(asked)
    assert answer.get_data(as_text=True).endswith(address)


@pytest.fixture
def taken_port() -> Iterator[int]:
    """Hold a port as granian does, open to a second listener."""
    with closing(socket.socket()) as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_a_port_that_somebody_would_share_in_silence_is_refused(taken_port: int) -> None:
    with pytest.raises(ConfigurationFault, match=str(taken_port)):
        refuse_taken_port("127.0.0.1", taken_port)


def test_a_free_port_is_not_refused() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as once:
        port = once.getsockname()[1]
    refuse_taken_port("127.0.0.1", port)


def test_the_server_serves_all_from_its_own_processes_refuses_a_second_and_ends_cleanly(
    database_url: str, keyring: Keyring, tmp_path: Path
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as once:
        port = once.getsockname()[1]
    settings = tmp_path / "skolepas.toml"
    settings.write_text(
        f'[site]\nissuer = "http://localhost:{port}"\n[database]\nurl = "{database_url}"\n'
        f'[secrets]\nfile = "secrets.toml"\n[server]\nport = {port}\n',
        encoding="utf-8",
    )
    write_keyring(keyring, tmp_path / "secrets.toml")
    command = [SKOLEPAS, "--settings", settings, "serve"]
    said = tmp_path / "said.txt"
    with said.open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        patience = monotonic() + PATIENCE_SECONDS
        while not ready(port):
            assert server.poll() is None, said.read_text(encoding="utf-8")
            assert monotonic() < patience, said.read_text(encoding="utf-8")
            sleep(0.05)
        assert listeners(port) <= family(server.pid)
        second = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)
        assert (second.returncode, f"port {port}" in second.stderr) == (2, True)
        server.send_signal(signal.SIGTERM)
        assert server.wait(PATIENCE_SECONDS) == 0
    assert "127.0.0.1" not in said.read_text(encoding="utf-8")
    assert not ready(port)


def test_a_server_over_a_database_without_tables_says_so_in_a_sentence_and_ends(
    keyring: Keyring, tmp_path: Path
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as once:
        port = once.getsockname()[1]
    (tmp_path / "skolepas.toml").write_text(
        '[database]\nurl = "sqlite:///empty.sqlite3"\n[secrets]\nfile = "secrets.toml"\n', encoding="utf-8"
    )
    write_keyring(keyring, tmp_path / "secrets.toml")
    command = [SKOLEPAS, "--settings", tmp_path / "skolepas.toml", "serve", "--port", str(port)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)
    assert ended.returncode == 1
    assert "Run: skolepas db upgrade" in ended.stderr
    assert "Traceback" not in ended.stderr

"""That an attempt which costs too much, or goes out, is noticed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import suppress
from time import process_time, sleep
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from psycopg import pq

from tests.saml.hostile.bounds import BAIT, MOST_CPU_SECONDS, TooSlow, WentOut, attempted, baited

if TYPE_CHECKING:
    from tests.saml.provider import Provider

AT = urlsplit(baited(BAIT.encode()).decode())


def works() -> None:
    began = process_time()
    while process_time() - began <= MOST_CPU_SECONDS:
        pass


def connects_behind_pythons_back() -> None:
    pq.PGconn.connect_start(f"host={AT.hostname} port={AT.port}".encode()).finish()


def test_an_attempt_that_works_too_long_is_noticed() -> None:
    with pytest.raises(TooSlow):
        attempted(works)


def test_what_the_machine_does_meanwhile_is_not_the_attempts() -> None:
    attempted(lambda: sleep(MOST_CPU_SECONDS))


def test_what_is_imported_the_first_time_is_not_the_attempts() -> None:
    times = iter([works, int])

    def attempt() -> None:
        next(times)()

    attempted(attempt)


@pytest.mark.parametrize(
    "goes_out",
    [
        lambda: socket.create_connection((AT.hostname, AT.port)),
        lambda: socket.create_connection(("192.0.2.1", 80), timeout=0.1),
        lambda: socket.getaddrinfo("attacker.example", 80),
        lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)),
        lambda: subprocess.run([sys.executable, "-c", ""], check=True),
        lambda: os.system("true"),  # noqa: S605 (it never runs)
        connects_behind_pythons_back,
    ],
)
@pytest.mark.filterwarnings("ignore:unclosed")
def test_an_attempt_that_goes_out_is_noticed_even_where_it_hides_that(goes_out: object) -> None:
    def attempt() -> None:
        with suppress(BaseException):
            goes_out()  # type: ignore[operator]

    with pytest.raises(WentOut):
        attempted(attempt)


def test_the_tests_own_database_stays_in_reach(provider: Provider) -> None:
    def ask() -> int:
        provider.system.database.engine.dispose()
        with provider.system.database.reading() as db:
            return len(db.connection().exec_driver_sql("SELECT 1").all())

    assert attempted(ask) == 1

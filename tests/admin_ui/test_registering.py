"""The administration is a service of its own provider, registered when the system starts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from idp.audit import AuditEvent
from idp.store.audit import AuditEvent as Recorded
from idp.store.services import Service
from idp.usecases import administration_client as administration
from idp.usecases import services

if TYPE_CHECKING:
    from idp.usecases.system import System


def register(system: System) -> None:
    with system.database.writing() as db:
        administration.register(db, system)


def is_registered(system: System) -> bool:
    with system.database.reading() as db:
        return administration.is_registered(db, system)


def test_it_is_registered_once_and_on_record(system: System) -> None:
    assert not is_registered(system)
    register(system)
    register(system)
    assert is_registered(system)
    with system.database.reading() as db:
        assert db.execute(select(func.count()).select_from(Service)).scalar_one() == 1
        recorded = select(func.count()).where(Recorded.event == AuditEvent.SERVICE_REGISTERED)
        assert db.execute(recorded).scalar_one() == 1


def test_processes_that_start_together_register_it_once(system: System) -> None:
    with ThreadPoolExecutor(4) as processes:
        list(processes.map(lambda _: register(system), range(4)))
    with system.database.reading() as db:
        assert db.execute(select(func.count()).select_from(Service)).scalar_one() == 1


def test_it_knows_its_secret_without_keeping_it(system: System) -> None:
    register(system)
    with system.database.reading() as db:
        client = services.find_client(db, administration.CLIENT_ID)
    assert client is not None
    assert services.secret_is_right(system, client, administration.secret(system))
    assert not services.secret_is_right(system, client, administration.secret(system)[:-1])


def test_a_new_public_address_changes_the_registration(system: System) -> None:
    register(system)
    site = replace(system.settings.site, issuer="https://skolepas.example")
    moved = replace(system, settings=replace(system.settings, site=site))
    assert not is_registered(moved)
    register(moved)
    with system.database.reading() as db:
        client = services.find_client(db, administration.CLIENT_ID)
    assert client is not None
    assert client.redirect_uris == ("https://skolepas.example/administration/callback",)


def test_what_an_operator_disabled_stays_disabled(system: System) -> None:
    register(system)
    with system.database.writing() as db:
        client = services.find_client(db, administration.CLIENT_ID)
        assert client is not None
        services.disable(db, system, client.id, why="a test")
    assert is_registered(system)
    register(system)
    with system.database.reading() as db:
        client = services.find_client(db, administration.CLIENT_ID)
    assert client is not None
    assert client.disabled

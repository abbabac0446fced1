"""``skolepas doctor``: is this installation in order? One line for each check, and 1 when anything is not."""

from __future__ import annotations

import sys
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from idp.bootstrap import frequent_codes, wire
from idp.errors import ConfigurationFault
from idp.keyring import load_keyring
from idp.policy_files import policy_rules
from idp.store.audit import newest_event_at
from idp.store.db import is_reachable
from idp.store.keys import keys_for
from idp.store.outbox import untried_since
from idp.store.schema import is_current
from idp.usecases import logout_notices
from idp.usecases.peppers import peppers_in_use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from admin_ui.cli import Operator
    from idp.settings import Settings
    from idp.usecases.system import System

ASSETS: Final = (("idp", "static/assets.json"), ("admin_ui", "static/vendor/assets.json"))
WORKER_IS_LATE: Final = timedelta(minutes=10)
TEXTS: Final = "translations/da/LC_MESSAGES/messages.mo"

Finding = tuple[bool, str]
"""(is it in order, what was found)."""


@click.command()
@click.pass_obj
def doctor(operator: Operator) -> None:
    """Check settings, policy, secrets, database, keys, built files and the clock.

    Then name what is other than OIOSAML, saml2int and RFC 9700 ask, which an operator may have decided so.
    """
    well = True
    for in_order, sentence in examine(operator):
        well = well and in_order
        click.echo(f"{'ok   ' if in_order else 'WRONG'}  {sentence}")
    if well:
        for sentence in _deviations(operator.settings):
            click.echo(f"other  {sentence}")
    sys.exit(0 if well else 1)


def examine(operator: Operator) -> Iterator[Finding]:
    """Yield the findings; what cannot be looked at for want of something before it is left out."""
    try:
        settings = operator.settings
    except ConfigurationFault as fault:
        yield from ((False, sentence) for sentence in fault.faults)
        return
    yield True, f"The settings can be read ({operator.settings_file or 'the defaults'})."
    yield from _built()
    try:
        frequent_codes(policy_rules(settings.policy))
    except ConfigurationFault as fault:
        yield from ((False, sentence) for sentence in fault.faults)
        return
    yield True, f"The policy contradicts nothing, and follows the {settings.policy.follow} rules."
    try:
        load_keyring(Path(settings.secrets.file))
    except ConfigurationFault as fault:
        yield from ((False, sentence) for sentence in fault.faults)
        return
    yield True, "The secrets are there, and their owner alone may read them."
    yield from _of_the_database(settings)


def _deviations(settings: Settings) -> list[str]:
    from admin_ui.cli.deviations import numbered  # noqa: PLC0415 (only where all else is well)

    system = wire(settings)
    try:
        return list(numbered(system))
    finally:
        system.database.close()


def _built() -> Iterator[Finding]:
    for package, name in ASSETS:
        there = (resources.files(package) / name).is_file()
        yield there, f"The pages' files of {package} are {'built' if there else 'missing: run ./do step-assets'}."
        there = (resources.files(package) / TEXTS).is_file()
        yield there, f"The Danish texts of {package} are {'built' if there else 'missing: run ./do step-catalogues'}."


def _of_the_database(settings: Settings) -> Iterator[Finding]:
    system = wire(settings)
    try:
        reachable = is_reachable(system.database)
        yield reachable, "The database answers." if reachable else "The database does not answer."
        if not reachable:
            return
        current = is_current(system.database)
        yield (
            current,
            (
                "The database is at the newest migration."
                if current
                else "The database is not at the newest migration: run skolepas db upgrade"
            ),
        )
        if current:
            yield from (check(system) for check in _CHECKS)
    finally:
        system.database.close()


def _signing_keys(system: System) -> Finding:
    with system.database.reading() as db:
        statuses = {row.status for row in keys_for(db, "oidc")}
    if "current" not in statuses:
        return False, "There is no signing key yet; the first start of the server makes one."
    return True, "There is a signing key."


def _clock(system: System) -> Finding:
    with system.database.reading() as db:
        newest = newest_event_at(db)
    if newest is not None and newest > system.now():
        return False, f"The clock is behind the record, whose newest event is of {newest:%Y-%m-%d %H:%M:%S} UTC."
    if system.settings.proving.clock_file and Path(system.settings.proving.clock_file).is_file():
        return True, "The clock is moved by proving.clock_file."
    return True, "The clock is not behind the record."


def _code_issue(system: System) -> Finding:
    allowed = system.settings.login.allow_code_issue
    return not allowed or system.settings.site.issuer.startswith("http://localhost"), (
        "login.allow_code_issue is on: whoever runs commands here can take over any account."
        if allowed
        else "No command issues codes."
    )


def _peppers(system: System) -> Finding:
    with system.database.reading() as db:
        lost = [pepper for pepper in peppers_in_use(db, system) if pepper.is_lost]
    told = ", ".join(f"{pepper.name} ({pepper.live_codes + pepper.recovery_codes} codes)" for pepper in lost)
    return not lost, (
        f"Codes lie under a pepper that the secrets file no longer has: {told}. Bring it back, or give their owners new codes."
        if lost
        else "Every code can be checked: the secrets file has the pepper under it."
    )


def _worker(system: System) -> Finding:
    with system.database.reading() as db:
        since = untried_since(db, {logout_notices.KIND, logout_notices.SAML_KIND})
    late = since is not None and system.now() - since > WORKER_IS_LATE
    return not late, (
        f"Services wait to be told of logouts since {since:%Y-%m-%d %H:%M} UTC: does skolepas worker run?"
        if late
        else "No service waits to be told of a logout."
    )


_CHECKS: Final[tuple[Callable[[System], Finding], ...]] = (_signing_keys, _clock, _code_issue, _peppers, _worker)

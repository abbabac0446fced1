"""A rule that a SAML message breaks, and how that is told: to the service's developer, to its owner afterwards, to the person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.web.errors import error_page
from idp.web.refusals import note_refusal
from policies.vocabulary import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    from flask import Response

    from idp.saml.core_3_3_3_response import Status
    from idp.usecases.service_providers import ServiceProvider

    Asked = TypeVar("Asked")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A broken rule: a short name of it, a sentence for developers, and the part of the message that breaks it.

    ``status`` is what the service is answered, where the message is known to be its own and an answer is possible.
    """

    rule: str
    description: str
    part: str | None = None
    status: Status | None = None


class Refused(Exception):
    """A message that cannot be read or believed."""

    def __init__(self, rule: str, description: str, part: str | None = None) -> None:
        """Carry the fault."""
        super().__init__(description)
        self.fault = Fault(rule=rule, description=description, part=part)


def first_broken(checks: Iterable[Callable[[Asked], Fault | None]], asked: Asked) -> Fault | None:
    """Return what the first check has against what is asked; the order of the checks is the security."""
    return next((fault for check in checks if (fault := check(asked)) is not None), None)


def shown_to_the_person(
    fault: Fault,
    service: ServiceProvider | None = None,
    *,
    reason: Reason = Reason.SERVICE_REQUEST_WRONG,
    status: int = 400,
) -> Response:
    """Say what is wrong where nobody may be sent on; for the developer it stands folded, and is kept."""
    return error_page(
        reason,
        status=status,
        service_id=service.service_id if service else None,
        facts={"error": fault.rule, "rule": fault.description, "parameter": fault.part},
        reference=note(fault, service),
    )


def note(fault: Fault, service: ServiceProvider | None, *, proven: bool = False) -> str:
    """Put a refusal in the log, and keep it for the owner of the service; return its reference."""
    return note_refusal(
        error=fault.rule,
        rule=fault.description,
        parameter=fault.part,
        client_id=service.entity_id if service else None,
        proven=proven,
    )

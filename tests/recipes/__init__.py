"""Short ways to put people, schools and services in place; one factory per aggregate.

Each writes through an open session of the test's and returns a small frozen description. Share the set-up between
the allowed and the refused case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from idp.outside.sealing import keyed_digest, token_digest
from idp.store.affiliations import Affiliation
from idp.store.agreements import Agreement
from idp.store.contacts import Contact
from idp.store.credentials import Code, EnrolledFactor, KnownDevice
from idp.store.groups import Membership, SchoolGroup
from idp.store.institutions import ImportSource, Institution
from idp.store.login_requests import LoginAttempt
from idp.store.people import Person, SchoolRecord, Username
from idp.store.rights import GrantedRight
from idp.store.services import Service
from idp.store.upstreams import Upstream, add_institutions
from idp.usecases.devices import remember_device
from policies.stages import stage_of_person
from policies.vocabulary import (
    ActorGroup,
    AgreementStatus,
    Assurance,
    CodeKind,
    Factor,
    GroupType,
    Level,
    Protocol,
    Relation,
    ReleasePackage,
    Right,
    Role,
    Stage,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.usecases.system import System

_numbers = count(1)
SECRET = "a client secret that is long and random enough for a test"


@dataclass(frozen=True)
class School:
    """An institution with one approved source."""

    id: int
    number: str
    source_id: int


@dataclass(frozen=True)
class Someone:
    """A person with one attachment."""

    id: int
    uniid: str
    username: str
    affiliation_id: int
    record_id: int
    code: str | None
    """The code as it is hashed and typed: picture names with spaces between, or a text."""


def a_school(session: Session, system: System, *, number: str | None = None, kind: str = "grundskole") -> School:
    """Put an institution and its approved source in place."""
    n = next(_numbers)
    institution = Institution(
        number=number or f"A{n:05d}", name=f"Skole {n}", kind=kind, settings={}, created_at=system.now()
    )
    session.add(institution)
    session.flush()
    source = ImportSource(institution_id=institution.id, name="Eksempel Elevadministration", approved_at=system.now())
    session.add(source)
    session.flush()
    return School(institution.id, institution.number, source.id)


def a_class(session: Session, system: System, school: School, code: str = "1a", level: Level = Level.G1) -> int:
    """Put a Hovedgruppe in place and return its id."""
    group = SchoolGroup(
        institution_id=school.id, source_id=school.source_id, code=code, name=code, type=GroupType.CLASS, level=level,
        digest=b"0" * 16, valid_from=system.now(),
    )  # fmt: skip
    session.add(group)
    session.flush()
    return group.id


def a_pupil(
    session: Session,
    system: System,
    school: School,
    *,
    level: Level = Level.G1,
    group: int | None = None,
    code: str | None = None,
    first_name: str = "Asta",
    protected: bool = False,
) -> Someone:
    """Put a pupil in place. ``code``: ``"house sun cat key"`` for pictures, else a text; none by default."""
    someone = _a_person(
        session, system, school, ActorGroup.PUPIL, [Role.PUPIL], level=level, first_name=first_name,
        protected=protected, code=code,
    )  # fmt: skip
    if group is not None:
        session.add(
            Membership(affiliation_id=someone.affiliation_id, group_id=group, main=True, valid_from=system.now())
        )
        session.flush()
    return someone


def a_teacher(
    session: Session, system: System, school: School, *, of: int | None = None, code: str | None = None
) -> Someone:
    """Put a teacher in place, of one class or none."""
    someone = _a_person(
        session, system, school, ActorGroup.STAFF, [Role.TEACHER], first_name="Viggo", family_name="Lærersen", code=code
    )
    if of is not None:
        session.add(Membership(affiliation_id=someone.affiliation_id, group_id=of, main=False, valid_from=system.now()))
        session.flush()
    return someone


def an_administrator(session: Session, system: System, school: School, *, code: str | None = None) -> Someone:
    """Put a member of staff in place who teaches nobody and looks after the people of the school."""
    someone = _a_person(
        session, system, school, ActorGroup.STAFF, [Role.TECHNICAL], first_name="Sonja", family_name="Kontorsen",
        code=code,
    )  # fmt: skip
    session.add(
        GrantedRight(
            person_id=someone.id, institution_id=school.id, right=Right.USER_ADMINISTRATOR, valid_from=system.now()
        )
    )
    session.flush()
    return someone


def a_contact(
    session: Session, system: System, school: School, *, of: Someone, custody: bool = True, code: str | None = None
) -> Someone:
    """Put a mother in place, with or without custody."""
    someone = _a_person(session, system, school, ActorGroup.CONTACT, [], first_name="Karen", kind="contact", code=code)
    session.add(
        Contact(
            pupil_affiliation_id=of.affiliation_id, contact_affiliation_id=someone.affiliation_id,
            relation=Relation.MOTHER, custody=custody, digest=b"0" * 16, valid_from=system.now(),
        )
    )  # fmt: skip
    session.flush()
    return someone


def also_attached(
    session: Session,
    system: System,
    someone: Someone,
    school: School,
    actor_group: ActorGroup,
    *,
    roles: tuple[Role, ...] = (),
    level: Level | None = None,
    group: int | None = None,
    confirmed: bool = True,
) -> int:
    """Attach a person once more, through a record of its own, and return the attachment's id."""
    record = SchoolRecord(
        person_id=someone.id, institution_id=school.id, source_id=school.source_id,
        kind="contact" if actor_group is ActorGroup.CONTACT else "person", local_id=f"p-{next(_numbers)}",
        first_name="Asta", family_name="Prøvesen", protected=False, details={}, digest=b"0" * 16, valid_from=system.now(),
    )  # fmt: skip
    session.add(record)
    session.flush()
    affiliation = Affiliation(
        person_id=someone.id, record_id=record.id, institution_id=school.id, actor_group=actor_group, level=level,
        roles=[role.value for role in roles], confirmed_at=system.now() if confirmed else None,
        confirmed_how="first" if confirmed else None, valid_from=system.now(),
    )  # fmt: skip
    session.add(affiliation)
    session.flush()
    if group is not None:
        session.add(Membership(affiliation_id=affiliation.id, group_id=group, main=True, valid_from=system.now()))
        session.flush()
    return affiliation.id


def a_service(
    session: Session,
    system: System,
    *,
    client_id: str = "laeringsportalen",
    redirect_uri: str = "http://localhost:9000/callback",
    package: ReleasePackage | None = ReleasePackage.SMALL,
    confidential: bool = True,
    **registration: Any,  # noqa: ANN401
) -> int:
    """Register an OIDC client, with an agreement for every institution, and return its id. Its secret is ``SECRET``."""
    service = Service(
        protocol=Protocol.OIDC,
        identifier=client_id,
        name_da=f"Tjenesten {client_id}",
        name_en=f"The service {client_id}",
        registration={
            "redirect_uris": [redirect_uri],
            "post_logout_redirect_uris": ["http://localhost:9000/"],
            "token_endpoint_auth_method": "client_secret_basic" if confidential else "none",
            "grant_types": ["authorization_code"],
            "response_types": ["code"],
            "scope": "openid",
            "client_name": client_id,
            **registration,
        },
        secret_digest=keyed_digest(system.keyring.tokens.current, SECRET) if confidential else None,
        sector="localhost",
        registered_at=system.now(),
    )
    session.add(service)
    session.flush()
    if package is not None:
        session.add(
            Agreement(
                service_id=service.id, institution_id=None, package=package, status=AgreementStatus.APPROVED,
                requested_at=system.now(), decided_at=system.now(), valid_from=system.now(),
            )
        )  # fmt: skip
        session.flush()
    return service.id


def in_group(session: Session, system: System, someone: Someone, group: int) -> None:
    """Put somebody into a group, beside those where they are."""
    session.add(Membership(affiliation_id=someone.affiliation_id, group_id=group, main=False, valid_from=system.now()))
    session.flush()


def a_right(session: Session, system: System, person_id: int, right: Right, *, institution_id: int) -> None:
    """Let a person hold a right at an institution."""
    session.add(GrantedRight(person_id=person_id, institution_id=institution_id, right=right, valid_from=system.now()))
    session.flush()


def a_factor(session: Session, system: System, person_id: int, factor: Factor) -> None:
    """Let a person have enrolled a second factor."""
    session.add(
        EnrolledFactor(
            person_id=person_id, factor=factor, label="en telefon", public={}, enrolled_at=system.now(),
            enrolled_through="pass",
        )
    )  # fmt: skip
    session.flush()


def a_device(session: Session, system: System, person_id: int) -> str:
    """Let a person have logged in the day before in some browser, and return the token of its cookie."""
    device_id, token = remember_device(session, system, person_id, (), address="192.0.2.7")
    before = system.now() - timedelta(days=1)
    session.execute(update(KnownDevice).where(KnownDevice.id == device_id).values(first_seen_at=before))
    return token


def an_upstream(session: Session, system: System, *schools: School) -> int:
    """Put another identity provider in place that vouches for some schools' people, up to two factors, and return its id."""
    n = next(_numbers)
    upstream = Upstream(
        protocol=Protocol.OIDC, identifier=f"https://upstream-{n}.example", name_da=f"Login {n}", name_en=f"Login {n}",
        registration={}, level_cap=Assurance.TO_FAKTOR, registered_at=system.now(),
    )  # fmt: skip
    session.add(upstream)
    session.flush()
    add_institutions(session, upstream.id, [school.id for school in schools], system.now())
    return upstream.id


def an_attempt(session: Session, system: System, *, service_id: int, person_id: int) -> int:
    """Put a login under way in place, each in a browser of its own, and return its id."""
    n = next(_numbers)
    attempt = LoginAttempt(
        handle_digest=token_digest(f"handle-{n}"), browser_digest=str(n).encode().rjust(32, b"0"),
        protocol=Protocol.OIDC, service_id=service_id, request={}, state={}, person_id=person_id,
        created_at=system.now(), expires_at=system.now() + timedelta(minutes=30),
    )  # fmt: skip
    session.add(attempt)
    session.flush()
    return attempt.id


def _a_person(
    session: Session,
    system: System,
    school: School,
    actor_group: ActorGroup,
    roles: list[Role],
    *,
    level: Level | None = None,
    first_name: str,
    family_name: str = "Prøvesen",
    protected: bool = False,
    kind: str = "person",
    code: str | None = None,
) -> Someone:
    n = next(_numbers)
    person = Person(uniid=f"{n:010x}", primary_institution_id=school.id, created_at=system.now())
    session.add(person)
    session.flush()
    username = f"test{n:04d}"
    session.add(Username(name=username, person_id=person.id, valid_from=system.now()))
    record = SchoolRecord(
        person_id=person.id, institution_id=school.id, source_id=school.source_id, kind=kind, local_id=f"p-{n}",
        first_name=first_name, family_name=family_name, protected=protected,
        alias_first_name="Alias" if protected else None, alias_family_name="Navn" if protected else None,
        details={}, digest=b"0" * 16, valid_from=system.now(),
    )  # fmt: skip
    session.add(record)
    session.flush()
    affiliation = Affiliation(
        person_id=person.id, record_id=record.id, institution_id=school.id, actor_group=actor_group, level=level,
        roles=[role.value for role in roles], confirmed_at=system.now(), confirmed_how="first", valid_from=system.now(),
    )  # fmt: skip
    session.add(affiliation)
    session.flush()
    if code is not None:
        _a_code(session, system, person.id, code, stage_of_person(actor_group, level))
    return Someone(person.id, person.uniid, username, affiliation.id, record.id, code)


def _a_code(session: Session, system: System, person_id: int, code: str, stage: Stage) -> None:
    """Keep a code as if it had been made under the person's own stage, or the nearest one that has such codes."""
    pictures = code.count(" ") == 3
    if pictures != (system.rules.codes[stage].kind is CodeKind.PICTURES):
        stage = Stage.INDSKOLING if pictures else Stage.MELLEMTRIN
    verifier = system.hasher.verifier_of(code)
    session.add(
        Code(
            person_id=person_id,
            kind=CodeKind.PICTURES if pictures else CodeKind.TEXT,
            shape=system.rules.codes[stage].shape,
            stage=stage,
            length=4 if pictures else len(code),
            phc=verifier.phc,
            pepper=verifier.pepper,
            issued_at=system.now(),
        )
    )
    session.flush()


def outgrow(
    session: Session,
    system: System,
    someone: Someone,
    *,
    level: Level = Level.G7,
    days: int = 30,
    noted: bool = True,
) -> None:
    """Let a pupil have come to ``level`` so many days ago: after thirty the code must be replaced."""
    session.execute(update(Affiliation).where(Affiliation.id == someone.affiliation_id).values(level=level))
    left_at = system.now() - timedelta(days=days) if noted else None
    session.execute(
        update(Code).where(Code.person_id == someone.id, Code.ended_at.is_(None)).values(stage_left_at=left_at)
    )

"""Which attributes a service may receive about a person, and nothing else.

An agreement between an institution and a service names a package; ``data/release.toml`` says which claims it allows.
Without an agreement the service gets a pseudonym and the strength of the login. Each released claim says by which rule.

A service that is not the school's has no agreement, and none would count for it. What a person may let it know on their own
is one small package for all of them (``consent``): no number that another service knows too, and nothing of a protected
person's name, not even the alias, which is for the schools' services.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from policies.assurance import NSIS_LOA, loa_number
from policies.protection import SchoolRecord, is_protected, shown_name
from policies.vocabulary import ActorGroup, Assurance, Level, ReleasePackage

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from policies.rules import ReleaseRules

ClaimValue = str | tuple[str, ...]

SPEC_VERSION: Final = "OIDC.3.0-UNILOGIN"


@dataclass(frozen=True, slots=True)
class InstitutionFacts:
    """One institution the person is attached to now, as the service stands to it.

    ``package`` is that institution's agreement with the service, None without one; ``has_licence`` decision 12's answer.
    """

    number: str
    package: ReleasePackage | None = None
    has_licence: bool = False


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What is known about the person, all of it; :func:`release` decides what leaves.

    ``records`` are the current school records, the acting institution's first. ``level``, ``groups`` (names of classes)
    and ``email`` are those of the acting attachment.
    """

    sub: str
    uniid: str
    actor_group: ActorGroup
    assurance: Assurance
    nsis: str = ""
    """The NSIS level that the login reaches, where one was notified."""
    institutions: tuple[InstitutionFacts, ...] = ()
    licence_required: bool = False
    records: tuple[SchoolRecord, ...] = ()
    level: Level | None = None
    birth_date: date | None = None
    email: str | None = None
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Released(Mapping[str, ClaimValue]):
    """The claims that leave, and in ``why`` the rule that let each of them."""

    claims: Mapping[str, ClaimValue] = field(default_factory=dict)
    why: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> ClaimValue:
        return self.claims[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.claims)

    def __len__(self) -> int:
        return len(self.claims)


def release(
    rules: ReleaseRules,
    facts: ReleaseFacts,
    package: ReleasePackage | None,
    requested: Collection[str] | None = None,
) -> Released:
    """Return what this service may receive.

    ``package`` is the acting institution's agreement with the service, None without one. ``requested`` narrows to the
    claims the service asked for; None asks for all, as Unilogin's services do with ``openid`` alone. It never widens, and
    ``sub`` is always there (OpenID Connect Core 5.3.2). A claim without a value is left out, never sent empty.
    """
    claims: dict[str, ClaimValue] = {}
    why: dict[str, str] = {}
    for name in sorted(rules.claims.get(package, frozenset())):
        if requested is not None and name != "sub" and name not in requested:
            continue
        value = _CLAIMS[name](facts)
        if value:
            claims[name] = value
            why[name] = _rule_of(rules, name)
    return Released(claims, why)


def release_on_consent(rules: ReleaseRules, facts: ReleaseFacts, requested: Collection[str] | None = None) -> Released:
    """Return what a service receives that is not the school's, once the person has allowed it; no agreement adds to it."""
    without = release(rules, facts, None, requested)
    claims, why = dict(without.claims), dict(without.why)
    for name in sorted(rules.on_consent):
        if (requested is not None and name not in requested) or (name in _NAMES and is_protected(facts.records)):
            continue
        value = _CLAIMS[name](facts)
        if value:
            claims[name] = value
            why[name] = "release:own-consent"
    return Released(claims, why)


def institution_ids(facts: ReleaseFacts) -> str:
    """Return ``"[A04441,A04442]"``: the institutions the person belongs to that have an agreement with the service.

    Where the service requires a licence, those with a licence only (STIL, OIDC claims; decision 12).
    """
    numbers = sorted(
        institution.number
        for institution in facts.institutions
        if institution.package is not None and (institution.has_licence or not facts.licence_required)
    )
    return f"[{','.join(numbers)}]"


def has_license(facts: ReleaseFacts) -> str:
    """Return ``"true"`` or ``"false"``, as strings like Unilogin: whether an institution with an agreement has a licence."""
    licensed = any(institution.has_licence for institution in facts.institutions if institution.package is not None)
    return "true" if licensed else "false"


def least_package(rules: ReleaseRules, name: str) -> ReleasePackage | None:
    """Return the smallest agreement that lets a claim leave; None when it needs none."""
    for package in (None, ReleasePackage.SMALL, ReleasePackage.MEDIUM, ReleasePackage.FULL):
        if name in rules.claims.get(package, frozenset()):
            return package
    raise LookupError(name)


def has_value(facts: ReleaseFacts, name: str) -> bool:
    """Say whether there is something to send."""
    return bool(_CLAIMS[name](facts))


def hidden_by_protection(facts: ReleaseFacts, name: str, *, on_consent: bool) -> bool:
    """Say whether protection alone keeps a claim: an address, a name without an alias, on consent every name."""
    if name not in _NAMES or not is_protected(facts.records):
        return False
    return on_consent or not has_value(facts, name)


def _rule_of(rules: ReleaseRules, name: str) -> str:
    package = least_package(rules, name)
    return "release:without-agreement" if package is None else f"release:agreement-{package}"


def _given_name(facts: ReleaseFacts) -> str:
    name = shown_name(facts.records)
    return name.first_name if name else ""


def _family_name(facts: ReleaseFacts) -> str:
    name = shown_name(facts.records)
    return name.family_name if name else ""


def _email(facts: ReleaseFacts) -> str:
    # An address mostly spells the real name, so protection hides it.
    return "" if is_protected(facts.records) else facts.email or ""


_CLAIMS: Final[Mapping[str, Callable[[ReleaseFacts], ClaimValue]]] = {
    "sub": lambda facts: facts.sub,
    "unilogin_loa": lambda facts: facts.assurance.value,
    "loa": lambda facts: loa_number(facts.assurance),
    NSIS_LOA: lambda facts: facts.nsis,
    "spec_ver": lambda _: SPEC_VERSION,
    "uniid": lambda facts: facts.uniid,
    "aktoer_gruppe": lambda facts: facts.actor_group.value,
    "institution_ids": institution_ids,
    "has_license": has_license,
    "name": lambda facts: f"{_given_name(facts)} {_family_name(facts)}".strip(),
    "given_name": _given_name,
    "family_name": _family_name,
    "trin": lambda facts: facts.level.value if facts.level else "",
    "birthdate": lambda facts: facts.birth_date.isoformat() if facts.birth_date else "",
    "email": _email,
    "grupper": lambda facts: facts.groups,
}

_NAMES: Final = frozenset({"name", "given_name", "family_name", "email"})
"""What tells who somebody is."""

KNOWN_CLAIMS: Final = frozenset(_CLAIMS)
"""Every claim that can be filled. ``policies.tables`` refuses rules that name another."""

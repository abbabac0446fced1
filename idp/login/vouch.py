"""What another identity provider says of a login there, in words that SAML and OpenID Connect share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.errors import SkolepasError

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Vouch:
    """Who logged in there: by which name, how strongly in the provider's own words, and when."""

    name: str
    said_level: str | None
    at: datetime


class NotVouched(SkolepasError):
    """Nobody is vouched for. ``rule`` names why, for logs; it quotes nothing of what came."""

    def __init__(self, rule: str) -> None:
        """Keep why."""
        super().__init__(rule)
        self.rule = rule

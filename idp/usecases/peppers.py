"""Which codes lie under which pepper: a right login moves a code to the pepper in use, so an old one empties by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.store.peppers import codes_under_peppers, recovery_codes_under_peppers

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from idp.usecases.system import System


@dataclass(frozen=True, kw_only=True)
class PepperUse:
    """One pepper. ``in_file``: whether this installation has it; without it nothing under it can be checked."""

    name: str
    in_file: bool
    in_use: bool
    live_codes: int
    earlier_codes: int
    recovery_codes: int

    @property
    def is_lost(self) -> bool:
        """Whether somebody cannot log in because the pepper is gone."""
        return not self.in_file and bool(self.live_codes or self.recovery_codes)


def peppers_in_use(db: Session, system: System) -> tuple[PepperUse, ...]:
    """Return every pepper that the secrets file or a code names, in the order of the file."""
    ours = system.keyring.pepper
    codes = {row.pepper: row for row in codes_under_peppers(db)}
    recovery = {row.pepper: row.live for row in recovery_codes_under_peppers(db)}
    return tuple(
        PepperUse(
            name=name,
            in_file=name in ours.keys,
            in_use=name == ours.current_name,
            live_codes=codes[name].live if name in codes else 0,
            earlier_codes=codes[name].earlier if name in codes else 0,
            recovery_codes=recovery.get(name, 0),
        )
        for name in dict.fromkeys([*ours.keys, *sorted(codes.keys() | recovery.keys())])
    )

"""A SAML service's metadata and options as JSON and back: what ``service.registration`` keeps, so that no request reads XML.

Members have the names of the fields of :mod:`idp.usecases.service_providers`; bytes are base64, times ISO 8601, and what has its
default is left out.
"""

from __future__ import annotations

import types
import typing
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

from idp.usecases.service_providers import PublishedMetadata, SamlOptions

T = TypeVar("T")


def registration_of(
    options: SamlOptions, metadata: PublishedMetadata, *, missing_licence_url: str | None = None
) -> dict[str, Any]:
    """Return what the registration of a service keeps. Beside the two, what the login pages ask of any service's."""
    pages = {
        "redirect_uris": [consumer.location for consumer in metadata.consumers],
        **({"initiate_login_uri": options.initiate_login_uri} if options.initiate_login_uri else {}),
        **({"missing_license_url": missing_licence_url} if missing_licence_url else {}),
    }
    return {"options": _to_json(options), "metadata": _to_json(metadata), **pages}


def read_registration(kept: Mapping[str, Any]) -> tuple[SamlOptions, PublishedMetadata]:
    """Read what :func:`registration_of` made."""
    return read_options(kept["options"]), _from_json(PublishedMetadata, kept["metadata"])


def read_options(given: Mapping[str, Any]) -> SamlOptions:
    """Read options, an operator's too. Raises ValueError that names what is not one or has a value it cannot have."""
    return _from_json(SamlOptions, given)


def _to_json(value: Any) -> Any:  # noqa: ANN401 (any value of these classes)
    if is_dataclass(value):
        said = {each.name: getattr(value, each.name) for each in fields(value)}
        return {each.name: _to_json(said[each.name]) for each in fields(value) if said[each.name] != _default(each)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, datetime):
        return value.isoformat()
    return [_to_json(each) for each in value] if isinstance(value, tuple) else value


def _default(each: Field[Any]) -> Any:  # noqa: ANN401
    return each.default_factory() if each.default_factory is not MISSING else each.default


def _from_json(kind: type[T], given: Any) -> T:  # noqa: ANN401 (any JSON)
    """Read a dataclass out of an object."""
    if not isinstance(given, Mapping):
        raise ValueError(f"{kind.__name__} is not an object")  # noqa: TRY004 (wrong data, not a wrong call)
    hints = typing.get_type_hints(kind, localns={"datetime": datetime})
    unknown = sorted(set(given) - set(hints))
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: not known")
    try:
        return kind(**{name: _read(hints[name], value, name) for name, value in given.items()})
    except TypeError as fault:
        raise ValueError(str(fault)) from None


def _read(kind: Any, given: Any, name: str) -> Any:  # noqa: ANN401
    if isinstance(kind, types.UnionType):  # X | None
        if given is None:
            return None
        (kind,) = [each for each in typing.get_args(kind) if each is not types.NoneType]
    if typing.get_origin(kind) is tuple:
        return _read_tuple(typing.get_args(kind), given, name)
    if is_dataclass(kind):
        return _from_json(kind, given)  # type: ignore[arg-type]
    if kind in {bytes, datetime} and isinstance(given, str):
        return b64decode(given, validate=True) if kind is bytes else datetime.fromisoformat(given)
    if issubclass(kind, Enum):
        return kind(given)
    if type(given) is not kind:
        raise ValueError(f"{name}: not {kind.__name__}")
    return given


def _read_tuple(kinds: tuple[Any, ...], given: Any, name: str) -> tuple[Any, ...]:  # noqa: ANN401
    if not isinstance(given, list):
        raise ValueError(f"{name}: not a list")  # noqa: TRY004
    if kinds[-1] is not Ellipsis:
        return tuple(_read(kind, each, name) for kind, each in zip(kinds, given, strict=True))
    return tuple(_read(kinds[0], each, name) for each in given)

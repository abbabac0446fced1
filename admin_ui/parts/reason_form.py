"""Why power over others is used: a form of one field. What is good is said by the policies; here it is read, and worded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request
from flask_wtf import FlaskForm
from wtforms import StringField, ValidationError

from idp.web.messages import sentence
from policies import written_reason
from policies.decision import Deny

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from policies.decision import Allow


class ReasonForm(FlaskForm):  # type: ignore[misc]  # ships no types
    """Why it is done."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # ships no types
        """How the form is read."""

        def wrap_formdata(self, form: FlaskForm, formdata: object) -> MultiDict[str, str] | None:  # noqa: ARG002
            """Take what was typed alone: neither files under a field's name, nor JSON."""
            return request.form or None

    reason = StringField(filters=[lambda text: written_reason.tidy(text or "")])

    def validate_reason(self, field: StringField) -> None:
        """Refuse what cannot be kept."""
        say(written_reason.is_good(field.data or ""))


def say(decision: Allow | Deny) -> None:
    """Say beside a field why what was typed does not do. Raises :class:`ValidationError` then."""
    if isinstance(decision, Deny):
        raise ValidationError(sentence(decision.reason))

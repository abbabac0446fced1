"""What an administrator fills in. What is good is said by the policies; here it is read, and worded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wtforms import StringField, ValidationError

from admin_ui.parts.days import read_day
from admin_ui.parts.reason_form import ReasonForm, say
from idp.web.messages import sentence
from policies import forced_stage
from policies.stages import PUPIL_STAGES
from policies.vocabulary import Reason, Stage

if TYPE_CHECKING:
    from datetime import date


class ForcedStageForm(ReasonForm):
    """Another stage's rules: which, and up to when."""

    stage = StringField()
    last_day = StringField(filters=[lambda text: (text or "").strip()])

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:  # noqa: ANN401 (WTForms takes anything)
        """Know the day, for what is past and what is too far ahead."""
        self.today = today
        super().__init__(*args, **kwargs)

    def validate_stage(self, field: StringField) -> None:
        """Refuse what is no pupils' stage."""
        if field.data not in [stage.value for stage in PUPIL_STAGES]:
            raise ValidationError(sentence(Reason.STAGE_NOT_FOR_PUPILS))

    def validate_last_day(self, field: StringField) -> None:
        """Refuse what is no day, past, or too far ahead."""
        day = read_day(field.data or "")
        if day is None:
            raise ValidationError(sentence(Reason.LAST_DAY_MISSING))
        say(forced_stage.is_good(PUPIL_STAGES[0], day, today=self.today))

    def chosen(self) -> tuple[Stage, date]:
        """Return the stage and the day of a form that is good."""
        day = read_day(self.last_day.data or "")
        assert day is not None  # noqa: S101 (the form is good)
        return Stage(self.stage.data or ""), day

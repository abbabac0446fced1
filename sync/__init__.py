"""From a school's source to us: read, validate, diff, plan, apply, report.

:mod:`sync.pipeline` is the only module that knows the order. What a source delivers becomes :mod:`sync.records`
whatever its format; a plan is data (:mod:`idp.usecases.roster_plan`); only :mod:`sync.apply` writes.
"""

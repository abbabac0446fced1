"""One login for both protocols: a :class:`~idp.login.request.LoginRequest` in, a :class:`~idp.login.outcome.LoginOutcome` out.

Steps never call each other: each returns to :mod:`idp.login.dispatch`, the only place that picks the next one, which
asks :mod:`policies.sign_in` about the state stored in the attempt's row.
"""

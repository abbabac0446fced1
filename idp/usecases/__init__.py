"""What the system can do: one function, one transaction of the caller's, one audit event.

A use case takes an open session and the wired :class:`idp.usecases.system.System`, never commits, and returns a
small frozen result, never a row. Outcomes return, defects raise.
"""

"""The steps of a login, one file each. A step takes what the person sent and writes what came of it into the attempt.

No step knows which one follows: :mod:`idp.login.dispatch` decides from what is stored.
"""

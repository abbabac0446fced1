"""The demo learning services: a small Flask application on Authlib's own client, in two looks.

They know the issuer, a ``client_id`` and a secret, as any service does, and show what they received.
"""

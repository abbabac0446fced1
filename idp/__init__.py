"""The identity provider: the core and the two protocols.

::

    idp.wsgi, idp.app          a Flask application over a wired system
    idp.bootstrap              the only composition root: settings in, system out, no Flask
    idp.oidc │ idp.saml        the two protocols; siblings that never import each other
        idp.web                Flask glue and the login pages
       idp.login               one login, whichever protocol asked
      idp.usecases             what the system can do: one function, one transaction, one audit event
    idp.store │ idp.outside    what we remember │ the outside world behind small ports
    idp.settings errors audit  words that everybody may use

Imports point down only. Start reading at :mod:`idp.bootstrap`, then follow one login through
:mod:`idp.oidc`, :mod:`idp.login.dispatch` and :mod:`idp.usecases`.
"""

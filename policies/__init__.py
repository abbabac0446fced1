"""What is allowed: pure functions and data.

Facts in, decision out. Nothing here reads a clock, a file, a row, a request or a random source: the caller
passes the TOML text, the time and the randomness in. Nothing configured means no.

Start with :mod:`policies.vocabulary`, the words everyone shares, and :mod:`policies.decision`, the three answers.
``data/*.toml`` holds every number with its reason; :mod:`policies.tables` checks them into the frozen values of
:mod:`policies.rules`, with ``data/norm.toml`` laid over the others when the operator follows the norms. Then read by question:

- Which code, and when does it end?  stages, codes, pictures, words, strength
- May this code be chosen?          chosen, spelling, frequent_codes
- May this be tried now?             lockout
- What comes next in a login?        sign_in, assurance
- Who may do what to whom?           administration, actions
- What is a school card worth?     cards
- What may leave?                    attribute_release, protection
- What is somebody called?           identifiers
- What ends, and how much at once?   lifetimes, sync_limits
"""

"""What is allowed: pure functions and data.

Facts in, decision out. Nothing here reads a clock, a file, a row, a request or a random source: the caller
passes the TOML text, the time and the randomness in. Nothing configured means no.

Start with :mod:`policies.vocabulary`, the words everyone shares.
"""

"""The outside world behind small ports: the clock, keys and ciphers, password hashing, other providers."""

"""Readers: one module for each format, all yielding the raw records of :mod:`sync.records`."""

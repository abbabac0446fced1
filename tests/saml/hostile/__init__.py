"""Attacks on every place that reads SAML, one file for each: none of them gets anything believed."""

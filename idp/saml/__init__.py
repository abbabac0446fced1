"""SAML 2.0: one module for each section of the specifications, by its number."""

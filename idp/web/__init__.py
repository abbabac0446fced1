"""Flask glue shared by the protocols, and the login pages."""

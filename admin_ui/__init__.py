"""The administration: one blueprint per audience."""

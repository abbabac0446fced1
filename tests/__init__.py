"""Tests that read as the specification."""

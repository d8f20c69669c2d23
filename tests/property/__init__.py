"""Tests of what must hold for any input."""

"""Simulations that settle a rule: run by hand, seeded; a small run of each is part of the tests."""

"""Eligibility, heads, gates, ranking, evaluation and the registry."""

"""Casework around the suggestions: what a citizen tells, what would follow, who is whose, rights."""

"""Casework around suggestions: what a citizen tells, what would follow, caseloads and rights."""

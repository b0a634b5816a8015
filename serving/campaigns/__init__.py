"""Outreach: composed by unmet need, drawn with a randomised hold-out, reported with an interval."""

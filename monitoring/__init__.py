"""Drift, fairness, performance and insight into the process."""

"""From the silos' records to citizen life-event signals.

Sources become events, facts and relations in the lake; families turn those into signals at any
date, using only what was known at that date.
"""

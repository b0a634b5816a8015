"""Friction: where the process itself sends people round in circles or lets them wait.

The measures are defined here once. The signals per citizen (:mod:`features.families.friction`) and
the report per case, team and step (:mod:`features.friction.report`) are both made of them.

===================================  ===============================================================
:mod:`~features.friction.turns`          handovers, spirals, bounces, reassignments
:mod:`~features.friction.recurrences`    repeats and redos of a step
:mod:`~features.friction.clocks`         open cases, time past the norm and past the statutory term
:mod:`~features.friction.waits`          idle and worked days by the organisation's calendar
:mod:`~features.friction.contacts`       repeat contact, channel switches, contacts without result
:mod:`~features.friction.organisations`  organisations at work at once
:mod:`~features.friction.completeness`   what a source tells, and what that leaves unknown
===================================  ===============================================================
"""

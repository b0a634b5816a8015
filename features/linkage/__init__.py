"""Linkage: who the people are that a silo knows without a BSN.

``voorzet link`` hands the persons of the identity vault to :mod:`features.linkage.linking`, which
learns a model (Splink), weighs every candidate pair and writes matches of figures alone into the
lake. :mod:`features.linkage.resolving` lets a reader with a purpose count them;
:mod:`features.linkage.undoing` takes a wrong link back.
"""

"""The silos: each writes down its own part of the journal, in its own shape."""

from features.sources.synthetic.silos.benefits import write_benefits
from features.sources.synthetic.silos.cases import write_cases
from features.sources.synthetic.silos.checks import write_checks
from features.sources.synthetic.silos.contact import write_contact
from features.sources.synthetic.silos.creditors import write_creditors
from features.sources.synthetic.silos.register import write_register
from features.sources.synthetic.silos.tax import write_tax

WRITERS = {
    "register": write_register,
    "tax": write_tax,
    "benefits": write_benefits,
    "cases": write_cases,
    "contact": write_contact,
    "creditors": write_creditors,
    "checks": write_checks,
}

__all__ = ["WRITERS"]

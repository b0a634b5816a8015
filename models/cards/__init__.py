"""Cards about a model, for people who answer for it."""

from models.cards.algorithm_register import algorithm_register
from models.cards.model_card import markdown, model_card

__all__ = ["algorithm_register", "markdown", "model_card"]

"""Cards about a model, for people who answer for it."""

from models.cards.model_card import markdown, model_card

__all__ = ["markdown", "model_card"]

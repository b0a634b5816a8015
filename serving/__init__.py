"""Suggestions, cards, campaigns, API, web pages and command line."""

"""Swayrec: how much each thing a user does sways what the user does next, and what to recommend from that."""

__version__ = "0.1.0"

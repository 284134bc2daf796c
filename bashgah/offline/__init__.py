"""Scoring recorded events without a broker."""

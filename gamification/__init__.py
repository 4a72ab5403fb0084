"""Gamification: metrics, points, achievements."""

"""Integrations: providers behind one door; sealed credentials, health."""

"""Webhooks going out: what may be told, to which addresses, in which words, and how it gets there."""

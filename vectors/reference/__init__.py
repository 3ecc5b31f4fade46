"""Slow, independent reference of the proof of training, written from docs/protocol.md alone."""

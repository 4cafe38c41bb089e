"""Sampled functions as plots: characters, shades, pictures."""

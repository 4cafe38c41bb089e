"""Plots of sampled functions: characters, shades, pictures."""

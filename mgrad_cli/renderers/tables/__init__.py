"""Results as tables for people, drawn by rich."""

"""Graphs of a tape: a tree, DOT, Mermaid, pictures."""

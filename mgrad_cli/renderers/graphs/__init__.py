"""A recorded computation as a graph: a tree, DOT, Mermaid, pictures."""

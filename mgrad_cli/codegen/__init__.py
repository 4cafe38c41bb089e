"""The operations in other languages: programming languages, in which formulas become functions, and LaTeX."""

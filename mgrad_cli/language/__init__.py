"""The expression language: characters to tokens, to a syntax tree, to a script of flat steps, and back to text."""

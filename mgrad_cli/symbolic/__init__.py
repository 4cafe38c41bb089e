"""Derivatives as formulas for people: a program traced, differentiated and simplified in one algebra."""

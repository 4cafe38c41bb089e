"""Derivatives as formulas for people: programs traced, differentiated and simplified in one algebra."""

"""A recorded computation as an explanation, step by step."""

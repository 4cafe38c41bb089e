"""A session at the prompt, apart from its display: definitions, entries, answers and completion."""

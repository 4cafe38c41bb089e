"""One formula over every row: what is computed of it, chunk by chunk, and where the results go."""

"""Files that are complete or absent, streams, and object stores; what is written is held against what is read."""

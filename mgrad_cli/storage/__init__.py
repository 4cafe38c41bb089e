"""Files that are complete or absent, streams, object stores, and checks that no command writes what it reads."""

"""Evaluate one formula over every row of data, in one process, several, or on a cluster."""

"""Evaluation of one formula at one point: its graph, gradients, diagnosis, numerical check and tape."""

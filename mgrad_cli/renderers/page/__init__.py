"""A recorded computation as a page that computes."""

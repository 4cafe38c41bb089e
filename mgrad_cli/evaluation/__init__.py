"""One formula at one point: its graph of values, its gradients, what they rest on, and how they are checked."""

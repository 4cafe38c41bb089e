"""A neuron learns to tell two clouds of points apart: gradient descent with `Value`, start to finish.

python examples/neuron.py
"""

import random

from mgrad_cli import Value

random.seed(7)
points = [(random.gauss(side, 0.6), random.gauss(-side, 0.6), side) for side in (-1, 1) for _ in range(20)]

w1, w2, b = Value(0.1, "w1"), Value(-0.2, "w2"), Value(0.0, "b")
parameters = [w1, w2, b]


def loss() -> Value:
    """Return the mean of log(1 + exp(-margin)) over the points."""
    total = Value(0.0)
    for x, y, side in points:
        margin = (w1 * x + w2 * y + b) * side
        total += (-margin).softplus()
    return total / len(points)


for step in range(61):
    error = loss()
    error.backward()
    if step % 20 == 0:
        print(f"step {step:2}  loss {error.data:.4f}")
    for parameter in parameters:
        parameter.data -= 0.5 * parameter.grad

right = sum((w1.data * x + w2.data * y + b.data) * side > 0 for x, y, side in points)
print(f"{right} of {len(points)} points on the right side")

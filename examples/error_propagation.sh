#!/usr/bin/env bash
# The error of a derived quantity from the errors of what was measured: the square root of the sum of squares of
# gradient times error. Here g from a pendulum, L = 1.2 m +- 2 mm and T = 2.198 s +- 4 ms.
set -euo pipefail

mgrad eval "4*pi**2*L/T**2" --L 1.2 --T 2.198 --json |
  jq -r --argjson errors '{"L": 0.002, "T": 0.004}' '
    (.grads | to_entries | map(.value * $errors[.key] | . * .) | add | sqrt) as $error
    | "g = \(.value * 1000 | round / 1000) +- \($error * 1000 | round / 1000)"'

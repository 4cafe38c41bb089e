#!/usr/bin/env bash
# Newton's method in a shell: x - f(x)/f'(x) until nothing changes, with f' from mgrad. Prints each step.
# usage: newton.sh FORMULA START      for example: newton.sh "x**3 - 2*x - 5" 2
set -euo pipefail
formula="${1:-x**3 - 2*x - 5}"
x="${2:-2}"

for _ in $(seq 20); do
  next="$(mgrad eval "$formula" --x "$x" --json | jq -r --arg x "$x" '($x | tonumber) - .value / .grads.x')"
  echo "$next"
  [ "$next" != "$x" ] || break
  x="$next"
done

#!/usr/bin/env bash
# Gradient descent on a regression, y = w*x + b over the rows of points.csv, as a loop of the shell: each step is one
# pass over the data, whose mean loss and its gradient `mgrad map --reduce mean` gives.
set -euo pipefail
cd "$(dirname "$0")"
w=0 b=0 rate=0.3

for step in $(seq 0 9); do
  record="$(mgrad map "(w*x + b - y)**2" points.csv --params "w=$w,b=$b" --reduce mean --quiet)"
  [ $((step % 3)) != 0 ] || jq -r --arg step "$step" --arg w "$w" --arg b "$b" \
    '"step \($step)  loss \(.value * 10000 | round / 10000)  w \($w | tonumber * 1000 | round / 1000)  b \($b | tonumber * 1000 | round / 1000)"' <<<"$record"
  read -r w b < <(jq -r --argjson w "$w" --argjson b "$b" --argjson rate "$rate" \
    '"\($w - $rate * .d_w) \($b - $rate * .d_b)"' <<<"$record")
done

#!/usr/bin/env bash
# The pictures of learning.md and of the README, made anew beside this script, or in the folder that is given.
set -euo pipefail
folder="$(cd "${1:-$(dirname "$0")}" && pwd)"

mgrad graph "a*b*(a+b)" --a 2 --b 3 -o "$folder/product.svg"
mgrad graph "h = tanh(w*x + b); loss = (h - y)**2" --w 0.5 --x 1 --b 0 --y 1 -o "$folder/neuron.svg"
mgrad plot "tanh(x)" --x -4:4 -o "$folder/tanh.svg"
mgrad plot "(tanh(w*1.5 + b) - 1)**2 + (tanh(w*-1 + b) + 0.5)**2" --w -2:2 --b -2:2 --samples 41 -o "$folder/loss.svg"

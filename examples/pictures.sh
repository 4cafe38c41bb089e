#!/usr/bin/env bash
# Draw the pictures of learning.md, minimizing.md, fitting.md, mlp.md and the README again, beside this script or in the
# folder that is given.
set -euo pipefail
examples="$(dirname "$0")"
folder="$(cd "${1:-$examples}" && pwd)"

mgrad graph "a*b*(a+b)" --a 2 --b 3 -o "$folder/product.svg"
mgrad graph "h = tanh(w*x + b); loss = (h - y)**2" --w 0.5 --x 1 --b 0 --y 1 -o "$folder/neuron.svg"
mgrad plot "tanh(x)" --x -4:4 -o "$folder/tanh.svg"
mgrad plot "(tanh(w*1.5 + b) - 1)**2 + (tanh(w*-1 + b) + 0.5)**2" --w -2:2 --b -2:2 --samples 41 -o "$folder/loss.svg"
mgrad fit "n0*exp(-t/tau) + b" "$examples/decay.csv" --y counts --sigma "sqrt(counts)" \
  --params n0=1000,tau=100,b=10 --plot -o "$folder/decay.svg" >/dev/null
mgrad minimize "(1-x)**2 + 100*(y-x**2)**2" --x -1 --y 1 -o "$folder/rosenbrock.svg" >/dev/null
python "$examples/mlp.py" "$folder" >/dev/null

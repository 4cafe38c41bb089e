#!/usr/bin/env bash
# The greeks of a chain of options from a CSV file: price, delta, vega and rho beside every row's own columns.
# usage: greeks.sh [OPTIONS.csv] [SPOT] [RATE]
set -euo pipefail
cd "$(dirname "$0")"

mgrad map --file black_scholes.mg "${1:-options.csv}" --S "${2:-101.5}" --r "${3:-0.03}" --col K=strike \
  --wrt S,vol,r --keep symbol,strike --value-name price --grad-prefix by_ --format csv --quiet

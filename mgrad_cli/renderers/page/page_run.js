// The computation: instructions over registers, which begin with the inputs and the constants.
const SPECIAL = { nan: NaN, inf: Infinity, "-inf": -Infinity };
const number = (value) => (typeof value === "string" ? SPECIAL[value] : value);
const DATA = JSON.parse(document.getElementById("data").textContent);
const { inputs, nodes, edges, steps, code, output, legend } = DATA;
const constants = DATA.constants.map(number);
const given = inputs.map((input) => number(input.value));
let values = [...given];
let registers = [];

function evaluate() {
  registers = [...values, ...constants];
  for (const [name, operands] of code) registers.push(OPERATIONS[name](...operands.map((place) => registers[place])));
}

const data = (place) => registers[nodes[place].data];
const gradient = (place) => registers[nodes[place].grad];

// The backward pass: what every step hands back to each operand, and why not where it hands back nothing.
function backward() {
  const totals = { [output]: gradient(output) };
  return steps.map((step) => {
    const isReached = totals[step.node] !== undefined;
    const pulls = step.pulls.map((pull) => {
      const [slope, share] = [registers[pull.slope], registers[pull.share]];
      const before = totals[pull.operand];
      let nothing = "";
      if (!isReached) nothing = step.unreached;
      else if (share === undefined || (share === 0 && gradient(step.node) * slope !== 0)) nothing = pull.nothing;
      if (!nothing) totals[pull.operand] = before === undefined ? share : before + share;
      return { ...pull, slope, share, before, nothing, total: totals[pull.operand] };
    });
    return { node: step.node, isReached, pulls };
  });
}

// Figures: six digits for people, all of them for whoever asks.
function full(value) {
  if (!Number.isFinite(value)) return value !== value ? "nan" : value > 0 ? "inf" : "-inf";
  return Object.is(value, -0) ? "-0" : String(value).replace("e+", "e");
}

function figure(value, digits = 6) {
  if (!Number.isFinite(value) || value === 0) return full(value);
  const short = Number(value.toPrecision(digits));
  const isPlain = Math.abs(short) >= 1e-4 && Math.abs(short) < 1e9;
  return isPlain ? String(short) : short.toExponential().replace("e+", "e");
}

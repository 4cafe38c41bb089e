// The page.
const byId = (id) => document.getElementById(id);

function element(kind, className, text = "", attributes = {}) {
  const made = Object.assign(document.createElement(kind), { className, textContent: text });
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function show(target, value, text = figure(value)) {
  target.textContent = text;
  target.dataset.value = value === undefined ? "" : full(value);
  target.classList.toggle("figure-wrong", value !== undefined && !Number.isFinite(value));
}

const marks = (target, classes) => Object.entries(classes).forEach(([name, on]) => target.classList.toggle(name, on));
const nodeParts = nodes.map((node, place) => {
  const group = byId(`node${place}`);
  const [title, heat, figures] = ["title", ".heat", ".data"].map((part) => group.querySelector(part));
  return { group, title, heat, data: figures, grad: group.querySelector(".grad") };
});
const edgeParts = edges.map((_, place) => {
  const group = byId(`edge${place}`);
  return { group, title: group.querySelector("title"), slope: byId(`slope${place}`) };
});

// Where the backward pass stands: after so many steps, or `null` where everything is shown.
let position = null;
let timer = null;

// What is known of each gradient by then, and how many pulls are still to come.
function known(story) {
  const found = nodes.map(() => ({ total: undefined, waiting: 0 }));
  found[output].total = gradient(output);
  story.forEach((step, place) => {
    const isDone = position === null || place < position;
    for (const pull of step.pulls) {
      if (!isDone) found[pull.operand].waiting += 1;
      else if (!pull.nothing) found[pull.operand].total = pull.total;
    }
  });
  return nodes.map((_, place) => {
    const { total, waiting } = found[place];
    if (waiting === 0) return { total: gradient(place), text: figure(gradient(place)) };
    return { total, text: total === undefined ? "?" : `${figure(total)} + ?` };
  });
}

function strengths(gradients) {
  const sizes = nodes.map((_, place) => Math.abs(gradient(place)));
  const largest = Math.max(...sizes.filter(Number.isFinite), 0) || 1;
  return gradients.map(({ total = 0 }) => Math.min(1, Math.sqrt(Math.abs(total) / largest)));
}

function numbersOf(node) {
  if (node.numbers.length === 0) return "";
  return node.numbers
    .map((piece, index) => {
      if (typeof piece === "string") return piece;
      const text = figure(data(node.operands[piece]));
      const [before, after] = [node.numbers[index - 1] ?? "", node.numbers[index + 1] ?? ""];
      return text.startsWith("-") && (/[-+*\/] ?$/.test(before) || after.startsWith("**")) ? `(${text})` : text;
    })
    .join("");
}

function computed(place) {
  return [nodes[place].formula, numbersOf(nodes[place]), figure(data(place))].filter(Boolean).join(" = ");
}

function added({ operand, product, nothing, slope, share, before, total }, node) {
  const target = nodes[operand].gradient;
  if (nothing) return [["", `${target} += nothing: ${nothing}`]];
  const lines = [["", `${target} += ${product} = ${figure(gradient(node))} * ${figure(slope)} = ${figure(share)}`]];
  if (before !== undefined) lines.push(["sum", `${target} = ${figure(before)} + ${figure(share)} = ${figure(total)}`]);
  return lines;
}

const UNKNOWN = "The output's own gradient. No other is known yet.";
const ALONE = "The output's own gradient. It has nothing to hand it back to.";
const COMPLETE = "That was the last step: every gradient is known.";

function explanation(story) {
  if (position === null) return [["plain", legend]];
  const ending = position === story.length ? [["plain", COMPLETE]] : [];
  if (position === 0) return [["what", `${nodes[output].gradient} = 1`], ["plain", steps.length ? UNKNOWN : ALONE]];
  const { node, pulls, isReached } = story[position - 1];
  const own = isReached ? [["", `${nodes[node].gradient} = ${figure(gradient(node))}`]] : [];
  return [["what", computed(node)], ...own, ...pulls.flatMap((pull) => added(pull, node)), ...ending];
}

function render() {
  const story = backward();
  const gradients = known(story);
  const current = position === null || position === 0 ? null : story[position - 1];
  const receiving = new Set(current?.pulls.filter((pull) => !pull.nothing).map((pull) => pull.operand));
  const activeNode = position === 0 ? output : current?.node;
  const heats = strengths(gradients);
  nodes.forEach((node, place) => renderNode(node, place, gradients[place], heats[place], activeNode, receiving));
  story.forEach((step) => step.pulls.forEach((pull) => renderEdge(step, pull, step === current)));
  show(resultPart, data(output));
  rows.forEach(({ grad }, index) => {
    const { total, text } = gradients[inputs[index].node];
    show(grad, total, text);
  });
  const lines = explanation(story);
  byId("explanation").replaceChildren(...lines.map(([className, text]) => element("p", className, text)));
  stepParts.forEach((part, place) => {
    part.item.classList.toggle("skipped", place > 0 && !story[place - 1].isReached);
    if (place === position) part.button.setAttribute("aria-current", "step");
    else part.button.removeAttribute("aria-current");
    part.button.tabIndex = place === (position ?? 0) ? 0 : -1;
  });
  for (const id of ["first", "previous"]) byId(id).disabled = steps.length === 0 || position === 0;
  for (const id of ["next", "last"]) byId(id).disabled = steps.length === 0 || position === steps.length;
}

function renderNode(node, place, { total, text }, heat, activeNode, receiving) {
  const part = nodeParts[place];
  const about = [node.formula, node.text, `data ${full(data(place))}`];
  if (!node.constant) {
    about.push(total === undefined ? "grad not known yet" : `grad ${full(total)}`);
    show(part.data, data(place));
    show(part.grad, total, text);
    const isWrong = !Number.isFinite(data(place)) || !Number.isFinite(total ?? 0);
    part.heat.style.opacity = isWrong ? 0 : heat;
    marks(part.group, { active: place === activeNode, receiving: receiving.has(place), wrong: isWrong });
  }
  part.title.textContent = about.filter(Boolean).join("\n");
}

function renderEdge(step, pull, isActive) {
  const { group, title, slope } = edgeParts[pull.edge];
  const isClosed = Boolean(pull.nothing);
  show(slope, isClosed ? undefined : pull.slope, isClosed ? "nothing" : `×${figure(pull.slope, 4)}`);
  marks(group, { active: isActive, flowing: isActive && !isClosed, closed: isClosed });
  slope.classList.toggle("active", isActive && !isClosed);
  const flow = `local derivative ${full(pull.slope)}\nadds ${full(pull.share)}`;
  const why = isClosed ? `nothing comes back: ${pull.nothing}` : flow;
  title.textContent = `${nodes[step.node].name} to ${nodes[pull.operand].name}\n${why}`;
}

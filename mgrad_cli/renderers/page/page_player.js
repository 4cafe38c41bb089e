// The player.
function stepItem(what, place) {
  const item = element("li", "");
  const button = element("button", "", "", { type: "button" });
  button.append(element("span", "place", place), element("span", "what", what));
  button.title = what;
  button.addEventListener("click", () => (halt(), go(place)));
  item.append(button);
  byId("steps").append(item);
  return { item, button };
}

function go(place) {
  position = place === null ? null : Math.max(0, Math.min(steps.length, place));
  byId("explanation").setAttribute("aria-live", "polite");
  render();
  if (position === null) return;
  const [list, { item }] = [byId("steps"), stepParts[position]];
  list.scrollTop = Math.min(list.scrollTop, item.offsetTop);
  list.scrollTop = Math.max(list.scrollTop, item.offsetTop + item.offsetHeight - list.clientHeight);
  byId("explanation").scrollIntoView({ block: "nearest" });
  const step = steps[position - 1] ?? { node: output, pulls: [] };
  for (const place of [...step.pulls.map((pull) => pull.operand), step.node]) reveal(nodeParts[place].group);
}

const move = {
  first: () => go(0),
  previous: () => go((position ?? steps.length + 1) - 1),
  next: () => go((position ?? -1) + 1),
  last: () => go(steps.length),
};

function play() {
  if (timer !== null) return halt();
  if (steps.length === 0) return;
  if (position === null || position === steps.length) go(0);
  byId("play").classList.add("playing");
  labelPlay("Pause");
  wait();
}

function wait() {
  timer = setTimeout(() => {
    go(position + 1);
    if (position === steps.length) halt();
    else wait();
  }, 1800 / Number(byId("speed").value));
}

function halt() {
  clearTimeout(timer);
  timer = null;
  byId("play").classList.remove("playing");
  labelPlay("Play");
}

function labelPlay(text) {
  byId("play").setAttribute("aria-label", text.toLowerCase());
  byId("play").querySelector("span").textContent = text;
}

// Light and dark: as the system has it, until asked for otherwise.
const darkness = matchMedia("(prefers-color-scheme: dark)");
let chosen = null;

function paint() {
  const isDark = chosen ?? darkness.matches;
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
  byId("theme").setAttribute("aria-pressed", String(isDark));
}

function toggleTheme() {
  chosen = !(chosen ?? darkness.matches);
  paint();
}

const rows = inputs.map(inputRow);
if (inputs.length === 0) byId("inputs").append(element("p", "plain", "The formula has no inputs to move."));
byId("reset").disabled = inputs.length === 0;
byId("play").disabled = steps.length === 0;
const titles = steps.map((step) => nodes[step.node].formula);
const stepParts = [`${nodes[output].gradient} = 1`, ...titles].map(stepItem);

for (const [id, act] of Object.entries(move)) byId(id).addEventListener("click", () => (halt(), act()));
const buttons = {
  play, reset, theme: toggleTheme, closer: () => zoom(1.25), farther: () => zoom(0.8), fit: () => fit(),
};
for (const [id, act] of Object.entries(buttons)) byId(id).addEventListener("click", act);
nodes.forEach((_, place) => {
  const step = steps.findIndex((one) => one.node === place);
  const row = inputs.findIndex((input) => input.node === place);
  if (step >= 0) nodeParts[place].group.addEventListener("click", () => (halt(), go(step + 1)));
  if (row >= 0) nodeParts[place].group.addEventListener("click", () => rows[row].field.focus());
});
darkness.addEventListener("change", paint);

const KEYS = {
  " ": play, ArrowLeft: move.previous, ArrowRight: move.next, Home: move.first, End: move.last,
  Escape: () => go(null), r: reset, t: toggleTheme, "+": () => zoom(1.25), "-": () => zoom(0.8), 0: () => fit(),
};
const STAYS = new Set([" ", "t", "+", "-", "0"]); // what does not stop the player
document.addEventListener("keydown", (event) => {
  const isField = event.target.matches("input, select");
  const isPressed = event.key === " " && event.target.matches("button");
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const isOther = event.ctrlKey || event.metaKey || event.altKey || (isField && key !== "Escape");
  if (!Object.hasOwn(KEYS, key) || isPressed || isOther) return;
  event.preventDefault();
  if (!STAYS.has(key)) halt();
  KEYS[key]();
});
paint();
reset();

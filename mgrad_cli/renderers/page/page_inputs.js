// The inputs: a slider and a field each.
const resultPart = document.querySelector("#result output");
document.querySelector("#result .name").textContent = nodes[output].name;
const span = (value) => Math.max(1, Math.abs(value));

function inputRow({ name }, index) {
  const row = element("div", "row");
  const label = element("label", "name", name, { for: `field${index}`, title: name });
  const typing = { type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false" };
  const field = element("input", "", "", { id: `field${index}`, ...typing });
  const sliding = { type: "range", step: "any", "aria-label": `${name}, slider` };
  const slider = element("input", "", "", { id: `slider${index}`, ...sliding });
  const grad = element("span", "");
  const of = nodes[inputs[index].node].gradient;
  const cell = element("span", "grad");
  cell.append(element("span", "of", of, { title: of }), "=", grad);
  row.append(label, field, slider, cell);
  byId("inputs").append(row);
  slider.addEventListener("input", () => {
    setInput(index, rounded(Number(slider.value), slider.max - slider.min), "slider");
  });
  field.addEventListener("input", () => typed(index));
  field.addEventListener("change", () => typed(index, true));
  field.addEventListener("keydown", (event) => {
    const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!direction || !Number.isFinite(values[index])) return;
    event.preventDefault();
    const range = slider.max - slider.min;
    setInput(index, rounded(values[index] + (direction * range) / 100, range), "keys");
  });
  return { field, slider, grad };
}

function rounded(value, range) {
  const digits = Math.ceil(Math.log10(400 / range));
  if (!Number.isFinite(digits) || digits > 100) return value;
  return digits >= 0 ? Number(value.toFixed(digits)) : Math.round(value / 10 ** -digits) * 10 ** -digits;
}

function typed(index, isDone = false) {
  const { field } = rows[index];
  const text = field.value.trim().toLowerCase().replace("−", "-").replace("infinity", "inf").replace(/^\+/, "");
  const isNumber = /^-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/.test(text);
  const isFine = isNumber || text in SPECIAL;
  field.setAttribute("aria-invalid", String(!isFine));
  const complaint = `${inputs[index].name} is still ${full(values[index])}: that was no number`;
  byId("complaint").textContent = isFine || !isDone ? "" : complaint;
  if (isFine) setInput(index, isNumber ? Number(text) : SPECIAL[text], "field");
}

function setInput(index, value, source) {
  values[index] = value;
  const { field, slider } = rows[index];
  if (source !== "field") {
    field.value = full(value);
    field.setAttribute("aria-invalid", "false");
    byId("complaint").textContent = "";
  }
  if (source !== "slider") moveSlider(slider, value);
  byId("explanation").setAttribute("aria-live", "off");
  evaluate();
  render();
}

// A value beyond the slider widens it.
function moveSlider(slider, value) {
  if (Number.isFinite(value)) {
    if (value < Number(slider.min)) slider.min = Math.max(-Number.MAX_VALUE, value - span(value) / 2);
    if (value > Number(slider.max)) slider.max = Math.min(Number.MAX_VALUE, value + span(value) / 2);
  }
  slider.value = value === Infinity ? slider.max : value === -Infinity ? slider.min : value;
}

function reset() {
  halt();
  position = null;
  values = [...given];
  rows.forEach(({ field, slider }, index) => {
    const centre = Number.isFinite(given[index]) ? given[index] : 0;
    slider.min = Math.max(-Number.MAX_VALUE, centre - span(centre));
    slider.max = Math.min(Number.MAX_VALUE, centre + span(centre));
    moveSlider(slider, given[index]);
    field.value = full(given[index]);
    field.setAttribute("aria-invalid", "false");
  });
  byId("complaint").textContent = "";
  evaluate();
  render();
}

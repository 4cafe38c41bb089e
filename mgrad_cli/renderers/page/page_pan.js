// The graph under the pointer: dragged, and brought closer about the point it is at.
const picture = byId("picture");
const sheet = byId("sheet");
const drawn = { width: Number(picture.dataset.width), height: Number(picture.dataset.height) };
const CLOSEST = 4;
const MANY = 100; // nodes, from which a graph opens with its end to be read rather than whole
const LEAST_READABLE = nodes.length < MANY ? 0 : 0.45;
const BUTTONS = 48; // the height of those that lie on the picture
let view = { x: 0, y: 0, scale: 1 };
let isFitted = true;

function place(x, y, scale) {
  view = { x, y, scale };
  sheet.setAttribute("transform", `translate(${x} ${y}) scale(${scale})`);
}

function fit(least = 0) {
  const [width, height] = [picture.clientWidth, picture.clientHeight - BUTTONS];
  const whole = Math.min(width / drawn.width, height / drawn.height, 1.4);
  const scale = Math.max(whole, least);
  const x = (width - drawn.width * scale) / 2;
  isFitted = true;
  place(x < 0 && scale > whole ? width - drawn.width * scale : x, (height - drawn.height * scale) / 2, scale);
}

function zoom(factor, x = picture.clientWidth / 2, y = picture.clientHeight / 2) {
  const least = Math.min(0.2, picture.clientWidth / drawn.width / 2);
  const scale = Math.max(least, Math.min(CLOSEST, view.scale * factor));
  const ratio = scale / view.scale;
  isFitted = false;
  place(x - (x - view.x) * ratio, y - (y - view.y) * ratio, scale);
}

function pan(dx, dy) {
  isFitted = false;
  place(view.x + dx, view.y + dy, view.scale);
}

// Moves the sheet just so far that a part of it can be seen.
function reveal(part) {
  const [frame, box] = [picture.getBoundingClientRect(), part.getBoundingClientRect()];
  const margin = 12;
  const shift = (low, high, least, most) => {
    return low < least + margin ? least + margin - low : Math.min(0, most - margin - high);
  };
  const dx = shift(box.left, box.right, frame.left, frame.right);
  const dy = shift(box.top, box.bottom, frame.top, frame.bottom - BUTTONS);
  if (dx || dy) pan(dx, dy);
}

const pointers = new Map();
const spread = () => {
  const [a, b] = [...pointers.values()];
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, distance: Math.hypot(a.x - b.x, a.y - b.y) };
};
const at = (event) => {
  const frame = picture.getBoundingClientRect();
  return { x: event.clientX - frame.left, y: event.clientY - frame.top };
};
let travelled = 0;

picture.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  if (pointers.size === 0) travelled = 0;
  pointers.set(event.pointerId, at(event));
});
addEventListener("pointermove", (event) => {
  const from = pointers.get(event.pointerId);
  if (!from) return;
  const to = at(event);
  const before = pointers.size === 2 ? spread() : null;
  pointers.set(event.pointerId, to);
  travelled += Math.hypot(to.x - from.x, to.y - from.y);
  if (travelled > 4) picture.classList.add("dragged");
  if (pointers.size === 1 && travelled > 4) pan(to.x - from.x, to.y - from.y);
  if (before && before.distance > 0) {
    const after = spread();
    zoom(after.distance / before.distance, after.x, after.y);
    pan(after.x - before.x, after.y - before.y);
  }
});
for (const kind of ["pointerup", "pointercancel"]) {
  addEventListener(kind, (event) => {
    pointers.delete(event.pointerId);
    if (pointers.size === 0) picture.classList.remove("dragged");
  });
}
// The end of a drag is no click on what it ended over.
picture.addEventListener("click", (event) => travelled > 4 && event.stopPropagation(), true);
picture.addEventListener(
  "wheel",
  (event) => {
    event.preventDefault();
    const { x, y } = at(event);
    zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), x, y);
  },
  { passive: false },
);
new ResizeObserver(() => isFitted && fit(LEAST_READABLE)).observe(picture);
fit(LEAST_READABLE);

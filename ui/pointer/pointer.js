// Listens to plotly's charts on the page and tells the server where a reader clicked and what a reader looks at.
// Streamlit's own chart knows clicks on markers alone, and forgets zoom and camera with the next picture.
//
// data.charts: keys of the containers of the charts. data.plane: whether views of a plane are told, and keys move them.
// data.zoomed: whether a double click has something to undo, so that the first of two clicks has to wait for the second.
// data.grip: a point that can be dragged; wherever it goes, it counts as clicked there, `moving` until it is let go.

const STILL = 4; // pixels that a pointer may move in a click
const DOUBLE = 500; // milliseconds between the two clicks of a double one
const SETTLED = 300; // milliseconds after the last turn of a wheel
const GRIP = 14; // pixels around a point within which it is held
const PACE = 350; // milliseconds between two places that a dragged point is told to be at
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
const ZOOMS = { "+": 0.5, "=": 0.5, "-": 2 };
const WHOLE = ["resetScale2d", "autoScale2d", "reset", "auto"]; // buttons of the toolbar

const plotOf = (key) => document.querySelector(`.st-key-${key} .js-plotly-plot`);

// What a plot shows: ranges of its axes and where they are drawn, or the eye of its camera.
const viewOf = (plot) => {
  const layout = plot?._fullLayout;
  const box = plot?.querySelector(".nsewdrag")?.getBoundingClientRect();
  const eye = layout?.scene?._scene?.getCamera?.()?.eye;
  if (eye) return { eye: { x: eye.x, y: eye.y, z: eye.z } };
  return layout?.xaxis && box?.width ? { box, x: [...layout.xaxis.range], y: [...layout.yaxis.range] } : null;
};

const numbersOf = (view) => (view.eye ? Object.values(view.eye) : [...view.x, ...view.y]);

const differ = (one, other) => {
  const [first, second] = [numbersOf(one), numbersOf(other)];
  const size = one.eye ? 1 : Math.abs(one.x[1] - one.x[0]);
  return first.length !== second.length || first.some((value, place) => Math.abs(value - second[place]) > 1e-6 * size);
};

const pointAt = ({ box, x, y }, left, top) => {
  const digits = Math.min(12, Math.ceil(-Math.log10((x[1] - x[0]) / box.width / 10))); // a tenth of a pixel
  return {
    x: Number((x[0] + ((left - box.left) / box.width) * (x[1] - x[0])).toFixed(digits)),
    y: Number((y[1] - ((top - box.top) / box.height) * (y[1] - y[0])).toFixed(digits)),
  };
};

export default function ({ data, setTriggerValue }) {
  const { charts, plane, zoomed, grip } = data;
  const stop = new AbortController();
  const listen = (name, act) => document.addEventListener(name, act, { signal: stop.signal, capture: true });
  const keyOf = (node) => charts.find((key) => node?.closest?.(`.st-key-${key}`));

  const tellView = (chart, view) => setTriggerValue("viewed", { chart, ...view });
  const tellClick = (chart, point) => setTriggerValue("clicked", { chart, ...point });

  let pressed = null; // where the pointer went down, and what was seen then
  let click = null; // the timer of a click that may be the first of two
  let wheel = null; // the timer of a wheel, and what was seen before it turned
  let held = null; // the chart that keys move

  const looked = (key, before) => {
    const now = viewOf(plotOf(key));
    if (!now || !before || !differ(now, before) || (now.x && !plane)) return;
    tellView(key, now.eye ? { eye: now.eye } : { x: now.x, y: now.y });
  };

  const clicked = (key, point) => {
    if (click) {
      clearTimeout(click);
      click = null;
      return tellView(key, { whole: true });
    }
    if (!(plane && zoomed)) return tellClick(key, point);
    click = setTimeout(() => {
      click = null;
      tellClick(key, point);
    }, DOUBLE);
  };

  // A point that is dragged: plotly must not see it, or it would draw a rectangle.
  const dot = document.createElement("div");
  dot.style.cssText = "position:fixed;width:18px;height:18px;margin:-9px;border:3px solid #791313;border-radius:9px;pointer-events:none;z-index:9";
  let carried = null; // the chart of the point, as it was when it was taken, and when the point was told last

  const onGrip = (event) => {
    const key = keyOf(event.target);
    const view = grip && key ? viewOf(plotOf(key)) : null;
    if (!view?.box || !event.target.classList?.contains("nsewdrag")) return null;
    const { box, x, y } = view;
    const left = box.left + ((grip.x - x[0]) / (x[1] - x[0])) * box.width;
    const top = box.top + ((y[1] - grip.y) / (y[1] - y[0])) * box.height;
    return Math.hypot(event.clientX - left, event.clientY - top) < GRIP ? key : null;
  };

  listen("mousedown", (event) => {
    const key = onGrip(event);
    if (!key) return;
    carried = { key, view: viewOf(plotOf(key)), told: 0, from: [event.clientX, event.clientY] };
    event.preventDefault();
    event.stopImmediatePropagation();
  });

  listen("mousemove", (event) => {
    if (!carried) return;
    Object.assign(dot.style, { left: `${event.clientX}px`, top: `${event.clientY}px` });
    if (!dot.isConnected) document.body.append(dot);
    if (Date.now() - carried.told > PACE) {
      carried.told = Date.now();
      tellClick(carried.key, { ...pointAt(carried.view, event.clientX, event.clientY), moving: true });
    }
  });

  listen("mouseup", (event) => {
    if (!carried) return;
    const { key, view, from, told } = carried;
    carried = null;
    dot.remove();
    if (told || Math.hypot(event.clientX - from[0], event.clientY - from[1]) >= STILL)
      tellClick(key, pointAt(view, event.clientX, event.clientY));
  });

  listen("pointerdown", (event) => {
    if (onGrip(event)) return;
    const key = keyOf(event.target);
    held = null;
    pressed = key && { key, left: event.clientX, top: event.clientY, on: event.target, view: viewOf(plotOf(key)) };
  });

  listen("pointerup", (event) => {
    if (!pressed) return;
    const { key, left, top, on, view } = pressed;
    pressed = null;
    const button = on.closest?.(".modebar-btn");
    if (button) {
      if (plane && WHOLE.includes(button.dataset.val ?? button.dataset.attr)) tellView(key, { whole: true });
      else setTimeout(() => looked(key, view), SETTLED);
    } else if (view?.box && on.classList?.contains("nsewdrag") && Math.hypot(event.clientX - left, event.clientY - top) < STILL)
      clicked(key, pointAt(view, left, top));
    else setTimeout(() => looked(key, view), SETTLED);
  });

  listen("wheel", (event) => {
    const key = keyOf(event.target);
    if (!key) return;
    const before = wheel?.before ?? viewOf(plotOf(key));
    clearTimeout(wheel?.timer);
    const timer = setTimeout(() => {
      wheel = null;
      looked(key, before);
    }, SETTLED);
    wheel = { timer, before };
  });

  listen("keydown", (event) => {
    const key = event.target.getAttribute?.("role") === "figure" && plane ? keyOf(event.target) : undefined;
    const view = key && viewOf(plotOf(key));
    if (!view?.box || event.ctrlKey || event.metaKey || event.altKey) return;
    const { box, x, y } = view;
    const move = MOVES[event.key];
    const zoom = ZOOMS[event.key];
    const shifted = (range, by) => range.map((value) => value + (by * (range[1] - range[0])) / 5);
    const zoomedTo = ([low, high]) => [low, high].map((value) => (low + high) / 2 + zoom * (value - (low + high) / 2));
    if (move) tellView(key, { x: shifted(x, move[0]), y: shifted(y, move[1]) });
    else if (zoom) tellView(key, { x: zoomedTo(x), y: zoomedTo(y) });
    else if (event.key === "0" || event.key === "Home") tellView(key, { whole: true });
    else if (event.key === "Enter") tellClick(key, pointAt(view, box.left + box.width / 2, box.top + box.height / 2));
    else return;
    held = key;
    event.preventDefault();
    event.stopPropagation();
  });

  // A chart that keys move must be reachable by them, and keep the focus when a new picture takes its place.
  const reachable = () => {
    for (const key of charts) {
      const figure = document.querySelector(`.st-key-${key} [role="figure"]`);
      if (!figure) continue;
      if (figure.tabIndex !== 0) {
        figure.tabIndex = 0;
        figure.setAttribute("aria-keyshortcuts", "+ - 0 ArrowLeft ArrowRight ArrowUp ArrowDown Enter");
      }
      if (held === key && document.activeElement === document.body) figure.focus({ preventScroll: true });
    }
  };
  const observer = new MutationObserver(reachable);
  if (plane) {
    reachable();
    observer.observe(document.body, { childList: true, subtree: true });
  }

  return () => {
    stop.abort();
    observer.disconnect();
    dot.remove();
    clearTimeout(click);
    clearTimeout(wheel?.timer);
  };
}

// Brings the charts of a page to life. Whatever fails, the static picture already on the page stays.
(function () {
  "use strict";

  const ERRORS_ONLY = 1; // vega.Error

  async function draw(view) {
    if (view.dataset.drawn || view.clientWidth === 0) return; // without a width it is folded away: drawn when opened
    view.dataset.drawn = "yes";
    const live = document.createElement("div");
    live.className = "live";
    live.setAttribute("aria-hidden", "true"); // the label of the view speaks for it
    view.append(live);
    let switches;
    try {
      const spec = JSON.parse(view.parentElement.querySelector("script[type='application/json']").textContent);
      if (spec.usermeta?.controls) switches = document.createElement("fieldset");
      const options = { renderer: "svg", actions: false, defaultStyle: false, logLevel: ERRORS_ONLY, bind: switches };
      const chart = await vegaEmbed(live, spec, options);
      if (switches) connect(switches, chart.view, spec);
      const picture = view.querySelector(":scope > svg");
      if (spec.width !== "container") live.querySelector("svg").style.minWidth = picture.style.minWidth;
      if (switches) view.before(switches);
      picture.remove();
      live.classList.add("ready");
    } catch (error) {
      live.remove();
      switches?.remove();
      console.warn("The static picture of this chart is shown:", error.message);
    }
  }

  // Vega made an input of each parameter that can be chosen; a click on a mark that names one turns it too.
  function connect(switches, view, spec) {
    switches.className = "controls";
    const legend = document.createElement("legend");
    legend.textContent = spec.usermeta.controls;
    switches.prepend(legend); // only now: Vega empties the place it is given

    view.addEventListener("click", (event, item) => {
      const name = item?.datum?.switch;
      if (name) view.signal(name, !view.signal(name)).runAsync();
    });

    const bound = spec.params.filter((param) => param.bind);
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = "Back to the start";
    again.addEventListener("click", () => {
      bound.forEach(({ name, value }) => view.signal(name, value));
      view.runAsync();
    });

    // What follows from a choice is told to those who do not see the chart, and kept in full precision.
    const told = document.createElement("p");
    told.className = "visually-hidden";
    told.setAttribute("role", "status");
    const keep = (name, pooled) => (told.dataset.pooled = JSON.stringify(pooled));
    keep("pooled", view.signal("pooled"));
    view.addSignalListener("pooled", keep);
    view.addSignalListener("told", (name, sentence) => (told.textContent = sentence));
    switches.append(again, told);
  }

  // What scrolls must be reachable by keyboard; what does not should not be a stop on the way.
  function markScrolling(element) {
    if (element.scrollWidth > element.clientWidth + 1) element.tabIndex = 0;
    else element.removeAttribute("tabindex");
  }

  const widths = new Map();
  async function refresh(views) {
    const changed = views.filter((view) => widths.get(view) !== view.clientWidth);
    changed.forEach((view) => widths.set(view, view.clientWidth));
    await Promise.all(changed.map(draw));
    if (changed.length) window.dispatchEvent(new Event("resize")); // Vega asks for its container's width on this event only
    views.forEach(markScrolling);
  }

  if (!window.vegaEmbed) return;
  const views = [...document.querySelectorAll("figure.chart > .view")];
  let timer;
  const observer = new ResizeObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(() => refresh(views), 150);
  });
  refresh(views).then(() => views.forEach((view) => observer.observe(view)));
})();

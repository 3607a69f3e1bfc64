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
    try {
      const spec = JSON.parse(view.parentElement.querySelector("script[type='application/json']").textContent);
      const options = { renderer: "svg", actions: false, defaultStyle: false, logLevel: ERRORS_ONLY };
      await vegaEmbed(live, spec, options);
      const picture = view.querySelector(":scope > svg");
      if (spec.width !== "container") live.querySelector("svg").style.minWidth = picture.style.minWidth;
      picture.remove();
      live.classList.add("ready");
    } catch (error) {
      live.remove();
      console.warn("The static picture of this chart is shown:", error.message);
    }
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

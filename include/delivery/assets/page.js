"use strict";
(() => {
  const root = document.documentElement;
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const config = { displayModeBar: false, responsive: true, doubleClick: false };

  function draw(plot) {
    const figure = figures[plot.id][root.lang];
    plot.setAttribute("aria-label", plot.dataset[root.lang]);
    // a hidden plot has no width to fit: it is drawn when its panel is opened
    if (!plot.closest("[hidden]")) Plotly.react(plot, figure.data, figure.layout, config);
  }

  function press(buttons, pressed) {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button === pressed));
  }

  function speak(language) {
    root.lang = language;
    press(languages, languages.find((button) => button.dataset.language === language));
    document.querySelectorAll(".plot").forEach(draw);
  }

  const languages = [...document.querySelectorAll("[data-language]")];
  for (const button of languages) {
    button.addEventListener("click", () => {
      speak(button.dataset.language);
      try { localStorage.setItem("language", root.lang); } catch { /* a file may have no storage */ }
    });
  }

  for (const group of document.querySelectorAll(".card .switch")) {
    const buttons = [...group.querySelectorAll("button")];
    for (const button of buttons) {
      button.addEventListener("click", () => {
        press(buttons, button);
        for (const each of buttons) {
          const panel = document.getElementById(`panel-${each.dataset.panel}`);
          panel.hidden = each !== button;
          if (!panel.hidden) panel.querySelectorAll(".plot").forEach(draw);
        }
      });
    }
  }

  let language = new URLSearchParams(location.search).get("lang");
  try { language ||= localStorage.getItem("language"); } catch { /* a file may have no storage */ }
  speak(language === "en" ? "en" : "vi");
})();

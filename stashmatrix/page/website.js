"use strict";
// The style sheet folds NSFW rooms from now on, until the rooms are filtered for the first time.
document.documentElement.classList.add("scripted");

addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form");
  const { q: query, nsfw } = form.elements;
  const filters = [...form.querySelectorAll("select")];
  const sections = [...document.querySelectorAll("main section")];
  const links = [...document.querySelectorAll("nav li")];
  const status = form.querySelector("[role=status]");

  // Without case and accents
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  const rooms = [...document.querySelectorAll("main li")].map((item) => {
    const own = item.querySelectorAll("h3, .name, .about, .other a");
    const parts = [item.closest("section").querySelector("h2"), ...own];
    return { item, text: plain(parts.map((part) => part.textContent).join("\n")) };
  });

  const show = () => {
    const words = plain(query.value).trim().split(/\s+/);
    let shown = 0;
    let folded = 0;
    for (const { item, text } of rooms) {
      const has = (flag) => item.classList.contains(flag);
      const fits =
        words.every((word) => text.includes(word)) &&
        filters.every(({ name, value }) => !value || has(name) === (value === "yes"));
      const isFolded = has("nsfw") && !nsfw.checked;
      item.hidden = !fits || isFolded;
      shown += fits && !isFolded;
      folded += fits && isFolded;
    }
    sections.forEach((section, place) => {
      section.hidden = links[place].hidden = !section.querySelector("li:not([hidden])");
    });
    const rest = folded ? `; ${folded} NSFW ${folded === 1 ? "room" : "rooms"} not shown` : "";
    status.textContent = `${shown} of ${rooms.length} ${rooms.length === 1 ? "room" : "rooms"}${rest}`;
  };

  // The address of the page keeps the search, so that people can pass it on.
  const remember = () => {
    const given = [...new FormData(form)].filter(([, value]) => value);
    const search = given.length ? `?${new URLSearchParams(given)}` : "";
    history.replaceState(null, "", location.pathname + search + location.hash);
  };

  const recall = () => {
    const given = new URLSearchParams(location.search);
    query.value = given.get("q") ?? "";
    if (nsfw) nsfw.checked = given.has("nsfw");
    for (const filter of filters) {
      filter.value = given.get(filter.name) ?? "";
      if (filter.selectedIndex < 0) filter.selectedIndex = 0;
    }
  };

  form.addEventListener("input", show);
  form.addEventListener("change", remember);
  form.addEventListener("submit", (event) => event.preventDefault());
  query.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      query.value = "";
      show();
      remember();
    }
  });
  recall();
  show();
  form.hidden = false;
  document.documentElement.classList.add("ready");
});

// The page works without this; it finds sentences and filters outlets. Text of articles is only ever set as
// text, and the page's policy forbids markup made by scripts.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const make = (tag, text, className) => {
    const element = document.createElement(tag);
    if (text) element.textContent = text;
    if (className) element.className = className;
    return element;
  };
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  function filterOutlets(box) {
    const names = new Map();
    for (const row of document.querySelectorAll("[data-o]")) {
      if (!names.has(row.dataset.o)) names.set(row.dataset.o, plain(row.querySelector("caption, th").textContent));
    }
    box.addEventListener("input", () => {
      const wanted = plain(box.value.trim());
      const shown = new Set([...names].filter(([, name]) => name.includes(wanted)).map(([place]) => place));
      for (const row of document.querySelectorAll("[data-o]")) row.hidden = !shown.has(row.dataset.o);
      byId("outlet-count").textContent = wanted ? `${shown.size} of ${names.size}` : "";
    });
  }

  function browse(data) {
    const PAGE = 30;
    const VOICES = ["outlet’s own words", "quoted", "attributed"]; // as the data number them
    const fields = {};
    for (const name of ["outlet", "code", "voice", "story", "words"]) fields[name] = byId(`f-${name}`);
    const list = byId("list");
    let found = [];
    let shown = 0;

    const fill = (select, options) => {
      for (const [value, text] of options) {
        const option = make("option", text);
        option.value = value;
        select.append(option);
      }
    };
    fill(fields.outlet, data.outlets.map((name, place) => [place, name]));
    const used = new Set(data.sentences.flatMap(([, , , labels]) => labels.map(([code]) => code)));
    const codes = data.codes.map(([code, name], place) => [code, name, place]).filter(([, , place]) => used.has(place));
    fill(fields.code, codes.sort((a, b) => a[1].localeCompare(b[1])));
    if (fields.story) {
      const titles = new Map();
      for (const [, title, , , , story] of data.articles) if (story && !titles.has(story)) titles.set(story, title);
      fill(fields.story, [...titles].sort((a, b) => a[0] - b[0]).map(([story, title]) => [story, `${story}: ${title}`]));
    }

    const wanted = (label, code, voice) =>
      (code < 0 || label[0] === code) && (!voice || (voice === "outlet" ? label[2] === 0 : label[2] > 0));

    // What a sentence is searched in, made when it is first asked for.
    const texts = new Map();
    function searched(sentence, text, labels) {
      if (!texts.has(sentence)) {
        const sources = labels.map((label) => data.sources[label[3]] || "").join("\n");
        texts.set(sentence, plain(`${text}\n${sources}`));
      }
      return texts.get(sentence);
    }

    function search() {
      const outlet = fields.outlet.value === "" ? -1 : Number(fields.outlet.value);
      const code = data.codes.findIndex(([name]) => name === fields.code.value);
      const voice = fields.voice ? fields.voice.value : "";
      const story = fields.story ? Number(fields.story.value) : 0;
      const words = plain(fields.words.value.trim());
      found = [];
      for (const sentence of data.sentences) {
        const [article, , text, all] = sentence;
        if (outlet >= 0 && data.articles[article][4] !== outlet) continue;
        if (story && data.articles[article][5] !== story) continue;
        const labels = all.filter((label) => wanted(label, code, voice));
        if (!labels.length) continue;
        if (words && !searched(sentence, text, all).includes(words)) continue;
        found.push([Math.max(...labels.map((label) => label[1])), sentence, labels]);
      }
      if (code >= 0) found.sort((a, b) => b[0] - a[0]); // else as the articles read
      list.replaceChildren();
      shown = 0;
      more();
      const some = found.length === 1 ? "1 sentence" : `${found.length.toLocaleString("en")} sentences`;
      byId("found").textContent = found.length ? some : "No sentence fits; clear a filter.";
    }

    function more() {
      for (const [, sentence, labels] of found.slice(shown, shown + PAGE)) list.append(item(sentence, labels));
      shown = Math.min(shown + PAGE, found.length);
      byId("more").hidden = shown === found.length;
    }

    function item([article, , text, all], chosen) {
      const entry = make("li");
      entry.append(marked(text, chosen));
      const labels = make("ul", "", "labels");
      for (const label of all) {
        const [code, score, voice, source] = label;
        const line = make("li", "", chosen.includes(label) ? "" : "other");
        line.append(make("b", data.codes[code][1]), ` ${score.toFixed(2)}`);
        if (voice >= 0) line.append(` · ${VOICES[voice]}`);
        if (source >= 0) line.append(": ", make("bdi", data.sources[source]));
        labels.append(line);
      }
      entry.append(labels, origin(data.articles[article]));
      return entry;
    }

    function marked(text, labels) {
      const quote = make("blockquote");
      quote.dir = "auto";
      const edges = new Array(text.length + 1).fill(0);
      for (const [, , , , spans] of labels) {
        for (let i = 0; i < spans.length; i += 2) {
          edges[spans[i]] += 1;
          edges[spans[i + 1]] -= 1;
        }
      }
      let depth = 0;
      let from = 0;
      for (let at = 0; at <= text.length; at += 1) {
        const next = depth + edges[at];
        if ((depth > 0) !== (next > 0) || at === text.length) {
          if (at > from) quote.append(depth > 0 ? make("mark", text.slice(from, at)) : text.slice(from, at));
          from = at;
        }
        depth = next;
      }
      return quote;
    }

    function origin([id, title, date, address, outlet]) {
      const line = make("p", "", "origin");
      line.append(make("bdi", data.outlets[outlet]), " · ");
      const name = make(address ? "a" : "bdi", title || id);
      if (address) {
        name.href = address;
        name.target = "_blank";
        name.rel = "noopener noreferrer nofollow";
      }
      line.append(name, date ? ` · ${date}` : "");
      return line;
    }

    function explain(link) {
      const cell = link && document.querySelector(`td a[href="${CSS.escape(link)}"]`);
      const words = byId("cell-words");
      words.hidden = !cell;
      words.textContent = cell ? cell.closest("[title]").title : "";
    }

    // #sentences/OUTLET/CODE/VOICE/STORY, as the figures link to them; the address can be kept and sent.
    function follow() {
      if (!location.hash.startsWith("#sentences/")) return;
      const [, outlet = "", code = "", voice = "", story = ""] = location.hash.split("/").map(decodeURIComponent);
      const values = { outlet, code, voice: voice === "all" ? "" : voice, story, words: "" };
      for (const [name, field] of Object.entries(fields)) if (field) field.value = values[name];
      search();
      explain(location.hash);
      byId("sentences").scrollIntoView();
      byId("sentences-h").focus({ preventScroll: true });
    }

    let waiting = 0;
    const changed = () => {
      explain("");
      search();
    };
    byId("filters").addEventListener("change", changed);
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
    byId("filters").addEventListener("reset", () => setTimeout(changed));
    fields.words.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(changed, 120);
    });
    byId("more").addEventListener("click", () => {
      const first = list.children.length;
      more();
      list.children[first].setAttribute("tabindex", "-1");
      list.children[first].focus({ preventScroll: true });
    });
    byId("no-script").hidden = true;
    byId("browser").hidden = false;
    addEventListener("hashchange", follow);
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (link && link.hash === location.hash) follow(); // the address does not change, so nothing else tells
    });
    search();
    follow();
  }

  const outlets = byId("outlet-filter");
  if (outlets) filterOutlets(outlets);
  const data = byId("data");
  if (data) browse(JSON.parse(data.textContent));
  for (const form of document.forms) form.addEventListener("submit", (event) => event.preventDefault());
})();

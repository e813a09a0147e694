"use strict";
(() => {
  const LEAF = 50;
  const [NAME, PAGE, STATUS, SCORE, GRADE, ATTEMPT, LATE, OUTCOMES, SCORES, TAGS] = Array(10).keys();
  const it = (id) => document.getElementById(id);
  const data = JSON.parse(it("data").textContent);
  const { rows, words } = data;
  const mistakes = new Set(data.mistakes);
  const body = it("table").tBodies[0];
  const headings = [...it("table").tHead.rows[0].cells];
  const fill = (template, values) => template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const count = (number) => number.toLocaleString("en");
  const points = (score) => (score === null ? "–" : String(Math.round(score * 100) / 100));
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const state = { column: 0, up: true, leaf: 0, search: "", tag: null, all: false };
  let found = rows;

  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const texts = new Map();
  const textOf = (row) => {
    if (!texts.has(row)) texts.set(row, [row[NAME], data.statuses[row[STATUS]], ...row[TAGS].map((tag) => data.tags[tag])].join("\n").toLowerCase());
    return texts.get(row);
  };

  const valueOf = (row) => {
    const { column } = state;
    if (column === 0) return row[NAME];
    if (column === 1) return data.statuses[row[STATUS]];
    if (column === 2) return row[SCORE];
    if (column === 3) return row[GRADE];
    return row[SCORES][column - 4];
  };

  const compare = (one, other) => {
    const first = valueOf(one), second = valueOf(other);
    if (first === null || second === null) return (first === null) - (second === null); // what has no number stands last, either way
    const order = typeof first === "string" ? collator.compare(first, second) : first - second;
    return state.up ? order : -order;
  };

  const select = () => {
    const wanted = state.search.toLowerCase().split(/\s+/).filter(Boolean);
    found = rows.filter((row) => (state.tag === null || row[TAGS].includes(state.tag)) && wanted.every((word) => textOf(row).includes(word)));
    found.sort(compare);
  };

  const student = (row) => {
    const cell = element("th");
    cell.scope = "row";
    const name = element("bdi", "", row[NAME]);
    if (row[PAGE]) {
      const link = element("a");
      link.href = row[PAGE];
      link.append(name);
      cell.append(link);
    } else cell.append(name);
    if (row[ATTEMPT] !== 1) cell.append(" ", element("span", "tag", fill(words.attempt, { attempt: row[ATTEMPT] })));
    if (row[LATE]) cell.append(" ", element("span", "tag", words.late));
    return cell;
  };

  const exercise = (outcome, score) => {
    const cell = element("td", "exercise-cell");
    if (outcome < 0) {
      cell.textContent = "–";
      return cell;
    }
    const [symbol, word, kind] = data.outcomes[outcome];
    const mark = element("span", `mark ${kind}`);
    const drawn = element("span", "", symbol);
    drawn.setAttribute("aria-hidden", "true");
    mark.append(drawn, " ", outcome === 0 ? element("span", "sr", word) : word);
    cell.append(mark, " ", element("span", "what num", points(score)));
    return cell;
  };

  const line = (row) => {
    const made = element("tr");
    made.append(
      student(row),
      element("td", "", data.statuses[row[STATUS]]),
      element("td", "num", points(row[SCORE])),
      ...(data.grades ? [element("td", "num", points(row[GRADE]))] : []),
      ...row[OUTCOMES].map((outcome, place) => exercise(outcome, row[SCORES][place])),
      element("td", "short", row[TAGS].filter((tag) => mistakes.has(tag)).map((tag) => data.tags[tag]).join("; ")),
    );
    return made;
  };

  const show = (said = "") => {
    const last = state.all ? found.length : Math.min(found.length, (state.leaf + 1) * LEAF);
    const first = state.all ? 0 : state.leaf * LEAF;
    body.replaceChildren(...found.slice(first, last).map(line));
    const place = found.length ? fill(words.shown, { first: count(first + 1), last: count(last), number: count(found.length) }) : words.none;
    it("place").textContent = place;
    it("told").textContent = said ? `${place} · ${said}` : place;
    it("before").disabled = state.leaf === 0;
    it("after").disabled = last >= found.length;
    it("before").parentElement.hidden = found.length <= LEAF;
  };

  const again = (said) => {
    state.leaf = 0;
    select();
    show(said);
  };

  const sort = (button) => {
    const column = Number(button.dataset.column);
    state.up = column === state.column ? !state.up : column < 2; // who has most first, but names from their beginning
    state.column = column;
    for (const heading of headings) heading.removeAttribute("aria-sort");
    button.parentElement.setAttribute("aria-sort", state.up ? "ascending" : "descending");
    again(fill(words.sorted, { column: button.textContent, direction: state.up ? words.up : words.down }));
  };

  const turn = (by) => {
    state.leaf += by;
    show();
    it("box").focus();
    it("box").scrollIntoView({ block: "start" });
  };

  const narrow = (tag) => {
    state.tag = tag === "" ? null : Number(tag);
    again();
  };

  for (const button of it("table").tHead.querySelectorAll("button")) button.addEventListener("click", () => sort(button));
  it("search").addEventListener("input", (event) => {
    state.search = event.target.value;
    again();
  });
  it("choice").addEventListener("change", (event) => narrow(event.target.value));
  const form = it("search").form;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => {
    Object.assign(state, { search: "", tag: null });
    again();
  });
  it("before").addEventListener("click", () => turn(-1));
  it("after").addEventListener("click", () => turn(1));
  for (const button of document.querySelectorAll(".find")) {
    button.addEventListener("click", () => {
      form.reset();
      it("choice").value = button.dataset.tag;
      narrow(button.dataset.tag);
      it("students").scrollIntoView();
      it("choice").focus();
    });
  }
  const whole = (all) => () => {
    state.all = all;
    show();
  };
  addEventListener("beforeprint", whole(true));
  addEventListener("afterprint", whole(false));
  for (const part of document.querySelectorAll(".only")) part.hidden = false;
  again();
})();

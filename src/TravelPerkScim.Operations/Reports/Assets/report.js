"use strict";
(() => {
  const byId = id => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const pageSize = 100, printed = 2000;
  const timed = data.rows.some(row => row[7]);
  const [identity, action, status, group, reason, code, note, time, marks, changes] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const body = byId("rows").tBodies[0], tools = byId("tools"), pages = byId("pages"), found = byId("found");
  const state = { words: [], action: "", status: "", mark: "", group: "", sort: null, down: false, page: 0 };
  const collator = new Intl.Collator("en", { sensitivity: "base", numeric: true });
  let shown = data.rows, haystacks = null;

  // Text is only ever set as text: what a user is called can make no element.
  const make = (name, attributes, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const tag = ([text, tone]) => make("span", { class: "tag tone-" + tone }, text);
  const number = n => n.toLocaleString("en");

  const changesOf = row => {
    const rows = [], created = data.actions[row[action]][0] === "Create", sides = created ? data.sides.slice(1) : data.sides;
    for (let i = 0; i < row[changes].length; i += 3) {
      const line = make("tr", null, make("th", { scope: "row" }, data.attributes[row[changes][i]]));
      if (!created) line.append(make("td", { class: "old", "data-label": data.sides[0] }, row[changes][i + 1] ?? "–"));
      line.append(make("td", { class: "new", "data-label": data.sides[1] }, row[changes][i + 2] ?? "–"));
      rows.push(line);
    }
    const head = make("thead", null, make("tr", null, ...["Attribute", ...sides].map(text => make("th", { scope: "col" }, text))));
    const names = rows.map(line => line.cells[0].textContent);
    return make("details", null, make("summary", null, names.length > 4 ? number(names.length) + " values" : names.join(", ")), make("table", { class: "changes" }, head, make("tbody", null, ...rows)));
  };
  const rowOf = row => {
    const why = make("td");
    if (row[code]) why.append(make("b", null, row[code]), " ");
    why.append(data.texts[row[reason]]);
    if (row[note]) why.append(make("p", { class: "muted" }, row[note]));
    if (row[changes].length) why.append(changesOf(row));
    const cells = [make("th", { scope: "row" }, row[identity])];
    if (timed) cells.push(make("td", { "data-label": "Time" }, row[time] ?? ""));
    cells.push(make("td", { class: "tags" }, tag(data.actions[row[action]])), make("td", { class: "tags" }, tag(data.statuses[row[status]])),
      make("td", { class: "tags" }, ...row[marks].map(mark => tag(data.marks[mark]))), why);
    return make("tr", null, ...cells);
  };

  const haystack = index => {
    haystacks ??= data.rows.map(row => [row[identity], row[code], data.texts[row[reason]], row[note], ...row[changes].filter(value => typeof value === "string")].join("\n").toLowerCase());
    return haystacks[index];
  };
  const keys = {
    User: row => row[identity], Time: row => row[time] ?? "", Action: row => data.actions[row[action]][0], Status: row => data.statuses[row[status]][0],
    Marks: row => row[marks].map(mark => data.marks[mark][0]).join(), "Reason and values": row => data.texts[row[reason]],
  };
  const apply = () => {
    const is = (wanted, value) => wanted === "" || Number(wanted) === value;
    shown = data.rows.filter((row, index) => is(state.action, row[action]) && is(state.status, row[status]) && is(state.group, row[group])
      && (state.mark === "" || row[marks].includes(Number(state.mark))) && (!state.words.length || state.words.every(word => haystack(index).includes(word))));
    if (state.sort) {
      const key = keys[state.sort], sign = state.down ? -1 : 1;
      shown = shown.map(row => [key(row), row]).sort((a, b) => sign * collator.compare(a[0], b[0])).map(pair => pair[1]);
    }
    state.page = 0;
    draw();
  };
  const draw = () => {
    const from = state.page * pageSize, part = shown.slice(from, from + pageSize);
    body.replaceChildren(...part.map(rowOf));
    found.textContent = shown.length === 0 ? "No row is like that."
      : number(from + 1) + " to " + number(from + part.length) + " of " + number(shown.length) + (shown.length < data.rows.length ? " found, " + number(data.rows.length) + " in all" : "");
    pages.hidden = shown.length <= pageSize;
    previous.disabled = state.page === 0;
    next.disabled = from + pageSize >= shown.length;
  };

  const select = (label, field, texts) => {
    const list = make("select", { id: "by-" + field }, make("option", { value: "" }, "All"),
      ...texts.map((text, index) => make("option", { value: index }, text.length > 90 ? text.slice(0, 90) + "…" : text)));
    list.addEventListener("change", () => { state[field] = list.value; apply(); });
    return make("label", null, label, list);
  };
  const search = make("input", { id: "search", type: "search", placeholder: "Name, value, reason", autocomplete: "off", spellcheck: "false" });
  search.addEventListener("input", () => { state.words = search.value.toLowerCase().split(/\s+/).filter(Boolean); apply(); });
  const clear = make("button", { type: "button", id: "clear" }, "Show all");
  const reset = () => {
    Object.assign(state, { words: [], action: "", status: "", mark: "", group: "" });
    search.value = "";
    for (const list of tools.querySelectorAll("select")) list.value = "";
  };
  clear.addEventListener("click", () => { reset(); apply(); });
  tools.append(make("label", null, "Search", search), select("Action", "action", data.actions.map(a => a[0])), select("Status", "status", data.statuses.map(s => s[0])));
  if (data.marks.length) tools.append(select("Mark", "mark", data.marks.map(m => m[0])));
  tools.append(select("Reason", "group", data.reasons.slice(0, 200)), clear);
  tools.hidden = false;

  const turn = (text, step) => {
    const button = make("button", { type: "button" }, text);
    button.addEventListener("click", () => { state.page += step; draw(); byId("operations").scrollIntoView(); });
    return button;
  };
  const previous = turn("Previous", -1), next = turn("Next", 1);
  pages.append(previous, next);

  for (const head of byId("rows").tHead.rows[0].cells) {
    const name = head.textContent, button = make("button", { type: "button", class: "sort" }, name);
    button.addEventListener("click", () => {
      state.down = state.sort === name && !state.down;
      state.sort = name;
      for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      apply();
    });
    head.replaceChildren(button);
  }
  for (const row of document.querySelectorAll("tr[data-reason]")) {
    const button = make("button", { type: "button", class: "plain", title: "Show these users" });
    button.append(...row.cells[0].childNodes);
    row.cells[0].append(button);
    button.addEventListener("click", () => { reset(); state.group = byId("by-group").value = row.dataset.reason; apply(); byId("operations").scrollIntoView(); });
  }

  // On paper every row that was found, with its values; a page of the screen would be cut off.
  addEventListener("beforeprint", () => {
    body.replaceChildren(...shown.slice(0, printed).map(rowOf));
    for (const details of body.querySelectorAll("details")) details.open = true;
    if (shown.length > printed) found.textContent = "The first " + number(printed) + " of " + number(shown.length) + " rows.";
  });
  addEventListener("afterprint", draw);
  apply();
})();

// What a reader filters and sorts is kept in the address, as #section?table.column=value&table.sort=-column, so that it can be sent.

const address = (() => {
  const read = () => {
    const [anchor, query = ""] = location.hash.slice(1).split("?", 2);
    return { anchor, state: new URLSearchParams(query) };
  };
  let { anchor, state } = read();
  const listeners = [];
  const write = () => history.replaceState(null, "", `#${anchor}${state.size ? `?${state}` : ""}`);
  const scroll = () => document.getElementById(anchor)?.scrollIntoView();
  addEventListener("hashchange", () => {
    const found = read();
    anchor = found.anchor;
    if (location.hash.includes("?")) {
      state = found.state;
      listeners.forEach((listen) => listen());
      scroll();
    } else write(); // a link to a section keeps what is filtered
  });
  return {
    get: (name) => state.get(name),
    set(section, name, value) {
      anchor = section;
      if (value) state.set(name, value);
      else state.delete(name);
      write();
    },
    listen: (listen) => listeners.push(listen),
    scroll,
    asked: () => state.size > 0,
  };
})();

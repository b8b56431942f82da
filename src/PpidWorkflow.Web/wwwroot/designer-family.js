// Which instance started the one in the viewer, and which ones it started: Studio's viewer knows of neither. In the bar above it, where it takes
// no room from Studio's drawing.
document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("designer-family");
  const id = /^\/designer\/instances\/([^/]+)\/?$/.exec(location.pathname)?.[1];
  if (!place || !id)
    return;

  function node(tag, content, attributes = {}) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes))
      made.setAttribute(name, value);
    made.append(...[content].flat());
    return made;
  }

  const link = (instance, testId, mark) => node("a", mark + instance.name, { href: instance.address, title: instance.id, "data-testid": testId });

  async function read() {
    const answer = await fetch("/designer/family/" + id, { redirect: "manual", cache: "no-store" }).catch(() => null);
    return answer?.ok ? answer.json().catch(() => null) : null;
  }

  const items = family => [
    ...family.children.map(child => node("li", [link(child, "family-child", ""), node("span", child.stand)])),
    ...(family.more ? [node("li", node("span", family.more))] : [])
  ];

  // What is under way may start more: looked at again when the list is opened, and when its officer comes back to the page.
  async function draw() {
    const family = await read();
    if (family === null)
      return;
    const open = place.querySelector("details")?.open === true;
    const parts = family.parent ? [link(family.parent, "family-parent", "↑ ")] : [];
    if (family.children.length > 0) {
      const list = node("ul", items(family));
      const children = node("details", [node("summary", family.started, { "data-testid": "family-children" }), list]);
      children.open = open;
      children.addEventListener("toggle", async () => {
        const now = children.open ? await read() : null;
        if (now !== null)
          list.replaceChildren(...items(now));
      });
      parts.push(children);
    }
    place.replaceChildren(...parts);
    place.hidden = parts.length === 0;
  }
  draw();
  window.addEventListener("focus", draw);
});

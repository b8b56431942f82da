// True words where Studio's own would claim that something is published, and menus that offer only what the service lets the reader do. Both are
// changed in the same task in which Studio writes them, before anything is painted. Loaded before Studio and before designer.js.
(() => {
  const settings = JSON.parse(document.getElementById("designer-settings").textContent);
  const words = new Map(settings.words.map(word => [word.studio, word.ours]));
  const counted = settings.counted.map(word => [new RegExp("^" + word.studio.replace("{0}", "(\\d+)") + "$"), word.ours]);

  // Studio offers every act in each row's menu, and ends with an error where the service refuses. What a row allows stands in its links.
  const needs = {
    definition: { Unpublish: "retract", Delete: "delete", Publish: "publish", Run: "execute", Duplicate: "publish", Cancel: "execute" },
    instance: { Cancel: "cancel", Delete: "delete" }
  };
  const rows = new Map();
  let row = null;

  function noticeRows(kind, items) {
    for (const item of items)
      rows.set(kind === "definition" ? item.definitionId : item.id, { kind, name: item.name, rels: new Set((item.links ?? []).map(link => link.rel)) });
  }

  const nameOf = id => rows.get(id)?.name ?? id;

  // Sentences that mean something else the next time that Studio writes them, since it was answered in place of a refusal it does not know.
  const once = new Map();
  const soon = 10_000;
  const sayOnce = (written, ours) => once.set(written, { ours, until: performance.now() + soon });

  function takeOnce(written) {
    const found = once.get(written);
    once.delete(written);
    return found && performance.now() < found.until ? found.ours : undefined;
  }

  // The menu of a row opens elsewhere in the document: what was clicked before it tells whose it is.
  document.addEventListener("click", event => {
    if (event.target.closest?.(".mud-popover, .mud-dialog"))
      return;
    const cells = [...event.target.closest?.("tbody tr")?.cells ?? []].map(cell => cell.textContent.trim());
    row = rows.get(cells.find(cell => rows.has(cell))) ?? null;
  }, true);

  function isRefused(written) {
    const rel = row === null ? undefined : needs[row.kind][written];
    return rel !== undefined && !row.rels.has(rel);
  }

  function reword(node) {
    const written = node.data.trim();
    if (!written)
      return;
    const item = node.parentElement?.closest(".mud-menu-item");
    if (item && isRefused(written))
      item.style.setProperty("display", "none");
    let better = takeOnce(written) ?? words.get(written);
    for (const [pattern, form] of better ? [] : counted)
      if (pattern.test(written))
        better = form.replace("{0}", pattern.exec(written)[1]);
    if (better)
      node.data = node.data.replace(written, better);
  }

  function rewordAll(root) {
    if (root.nodeType === Node.TEXT_NODE)
      return reword(root);
    if (root.nodeType !== Node.ELEMENT_NODE || root.closest(".monaco-editor"))
      return;
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode())
      reword(walker.currentNode);
  }

  new MutationObserver(changes => {
    for (const change of changes)
      if (change.type === "characterData")
        reword(change.target);
      else
        change.addedNodes.forEach(rewordAll);
  }).observe(document, { childList: true, subtree: true, characterData: true });

  window.designerWords = { noticeRows, nameOf, sayOnce };
})();

// Elsa Studio in the office's document: which of its elements is shown under which address, a short-lived token for it, what the panel beside it
// says, and true words where Studio's own would claim that something is published.
(() => {
  const settings = JSON.parse(document.getElementById("designer-settings").textContent);
  const text = settings.text;
  const api = location.origin + "/elsa/api";
  const nativeFetch = window.fetch.bind(window);
  const byId = id => document.getElementById(id);
  const say = (sentence, ...values) => sentence.replace(/\{(\d)\}/g, (_, n) => values[n]);

  // ---- The token: fetched with the office's cookie, renewed in time, put into each request that Studio makes.
  const renewBefore = 2 * 60_000;
  const retryEvery = 4_000;
  let token = null;
  let asking = null;
  let expired = false;

  const wait = ms => new Promise(done => setTimeout(done, ms));

  // Goes on asking until there is a token: what Studio wants meanwhile waits, so that nothing typed is lost.
  async function askToken() {
    for (;;) {
      try {
        const answer = await nativeFetch("/designer/token", {
          method: "POST", headers: { RequestVerificationToken: settings.formToken }, redirect: "manual", cache: "no-store"
        });
        if (answer.ok) {
          const issued = await answer.json();
          token = { value: issued.accessToken, until: Date.parse(issued.expiresAt) };
          tellExpired(null);
          handToStudio();
          return token.value;
        }
        answer.body?.cancel();
        tellExpired(answer.status === 409 ? text.otherOfficer : answer.type === "opaqueredirect" || answer.status === 401 ? text.expired : text.unreachable);
      } catch {
        tellExpired(text.unreachable);
      }
      await Promise.race([wait(retryEvery), new Promise(done => { askAgain = done; })]);
    }
  }
  let askAgain = () => {};

  function currentToken(renewNow) {
    if (!renewNow && token && Date.now() < token.until)
      return Promise.resolve(token.value);
    return asking ??= askToken().finally(() => { asking = null; });
  }

  function tellExpired(sentence) {
    expired = sentence !== null;
    const notice = byId("designer-expired");
    if (!notice)
      return;
    notice.hidden = !expired;
    if (expired)
      byId("designer-expired-text").textContent = sentence;
  }

  // Studio's hub takes its token from the service behind this element, which reads its attributes once: a new element hands over a new token.
  function handToStudio() {
    const place = byId("designer-backend");
    if (!place || !customElements.get("elsa-backend-provider"))
      return;
    const provider = document.createElement("elsa-backend-provider");
    provider.setAttribute("remote-endpoint", api);
    provider.setAttribute("access-token", token.value);
    const former = [...place.children];
    place.append(provider);
    setTimeout(() => former.forEach(element => element.remove()), 5_000);
  }

  setInterval(() => {
    if (token && Date.now() > token.until - renewBefore)
      currentToken(true);
  }, 15_000);
  for (const event of ["focus", "storage"])
    window.addEventListener(event, () => askAgain());
  document.addEventListener("visibilitychange", () => { if (!document.hidden) askAgain(); });
  window.addEventListener("beforeunload", event => { if ((expired && pending > 0) || unsaved !== null) event.preventDefault(); });

  // ---- Requests of Studio.
  let pending = 0;
  // What the last save held, if it was refused: it stands on the screen alone. Null: everything is saved.
  let unsaved = null;
  let saving = Promise.resolve();
  window.fetch = async (resource, options) => {
    const address = new URL(typeof resource === "string" ? resource : resource.url ?? resource, document.baseURI);
    if (address.origin !== location.origin || !address.pathname.startsWith("/elsa/"))
      return nativeFetch(resource, options);
    const method = (options?.method ?? resource.method ?? "GET").toUpperCase();
    const path = address.pathname.substring("/elsa/api".length);
    const saves = method === "POST" && path === "/workflow-definitions";
    const lists = path === "/workflow-definitions" ? "definition" : path === "/workflow-instances" ? "instance" : null;
    const changes = method !== "GET" && (/^\/(workflow-definitions|bulk-actions|workflow-definition-versions|cancel|alterations)/.test(path)
      || (method === "DELETE" && path.startsWith("/workflow-instances/")));
    pending += changes ? 1 : 0;
    let saved = () => {};
    if (saves) {
      // In the order in which Studio sends them: a save of its own that overtook a proposal would open a draft behind it.
      const former = saving;
      saving = new Promise(done => { saved = done; });
      await former;
    }
    try {
      const send = value => {
        const headers = new Headers(options?.headers ?? resource.headers);
        headers.set("Authorization", "Bearer " + value);
        headers.set("Accept-Language", document.documentElement.lang);
        return nativeFetch(resource, { ...options, headers });
      };
      // A save that finds the service or its database away waits for it, as one does whose token ran out: nothing typed stands on the screen
      // alone.
      const reach = async renewed => {
        for (;;) {
          try {
            const answer = await send(await currentToken(renewed));
            if (!saves || !isAway(answer.status))
              return answer;
            answer.body?.cancel();
          } catch (failure) {
            if (!saves || !(failure instanceof TypeError))
              throw failure;
          }
          tellExpired(text.unreachable);
          await wait(retryEvery);
          await currentToken(true);
        }
      };
      let answer = await reach(false);
      if (answer.status === 401)
        answer = await reach(true);
      if (changes)
        noticeChange(method, path, options?.body, answer.clone());
      else if (lists !== null && answer.ok)
        answer.clone().json().then(list => window.designerWords.noticeRows(lists, list.items ?? []), () => {});
      return instead(method, path, answer);
    } finally {
      saved();
      pending -= changes ? 1 : 0;
    }
  };

  // What Studio would take for a failure of its own (it ends with an error bar) though the service has only refused: it is told that nothing
  // was deleted, cancelled or imported, and the panel tells why. Nothing of it claims that anything happened.
  const nothingDone = [
    ["DELETE", /^\/(workflow-definitions|workflow-definition-versions|workflow-instances)\//, () => new Response(null, { status: 204 })],
    ["POST", /^\/bulk-actions\/delete\//, () => Response.json({ deleted: 0 })],
    ["POST", /^\/bulk-actions\/cancel\//, () => Response.json({ cancelled: 0 })],
    ["POST", /^\/bulk-actions\/import\/workflow-instances/, () => Response.json({ imported: 0 })],
    ["POST", /^\/cancel\/workflow-instances\//, () => new Response(null, { status: 200 })],
    ["POST", /^\/alterations\/submit/, () => Response.json({ planId: "" })]
  ];
  const isAway = status => status === 502 || status === 503 || status === 504;

  // Of a save Studio understands one refusal only, the one that stock Elsa gives: any other ends it with an error bar.
  const isSave = (method, path) => method === "POST" && (path === "/workflow-definitions" || /^\/workflow-definitions\/[^/]+\/retract$/.test(path));
  function sentencesOf(status, told) {
    const sentences = Object.values(told?.errors ?? {}).flat();
    return sentences.length ? [...new Set(sentences)] : [told?.detail ?? (status === 404 ? text.gone : String(status))];
  }

  async function asElsaRefuses(answer) {
    const sentences = sentencesOf(answer.status, await answer.json().catch(() => null));
    return new Response(JSON.stringify({ type: "about:blank", title: text.refused, status: 400, errors: { generalErrors: sentences } }),
      { status: 400, headers: { "Content-Type": "application/problem+json" } });
  }

  // For proposing from its list and for rolling back Studio wants a definition in return and knows no refusal at all: it gets the one that is
  // there, as it stands, and says what we say instead of its own sentence.
  async function asItStands(definitionId, shape) {
    const address = api + "/workflow-definitions/by-definition-id/" + encodeURIComponent(definitionId) + "?versionOptions=Latest";
    const answer = await nativeFetch(address, { headers: { Authorization: "Bearer " + token.value } }).catch(() => null);
    return Response.json(shape(answer?.ok ? await answer.json() : { id: "", definitionId, version: 0 }));
  }

  const actOn = path => /^\/workflow-definitions\/([^/]+)\/(publish|retract|revert)(\/|$)/.exec(path);
  const isRefusal = status => status === 403 || status === 404 || status === 409 || status === 413 || status === 422;
  async function instead(method, path, answer) {
    if (!isRefusal(answer.status))
      return answer;
    const nothing = nothingDone.find(([verb, pattern]) => verb === method && pattern.test(path));
    if (nothing)
      return nothing[2]();
    const [, id, act] = method === "POST" ? actOn(path) ?? [] : [];
    if (act === "publish") {
      window.designerWords.sayOnce("Workflow was already published", text.notProposed);
      return asItStands(decodeURIComponent(id), latest => ({ workflowDefinition: latest, alreadyPublished: true, consumingWorkflowCount: 0 }));
    }
    if (act === "revert")
      return asItStands(decodeURIComponent(id), latest => latest);
    // Studio's list says that it has taken back what it was refused to take back.
    if (act === "retract" && shown?.view === "definitions")
      window.designerWords.sayOnce("Workflow retracted", text.notWithdrawn);
    return isSave(method, path) ? asElsaRefuses(answer) : answer;
  }

  // ---- The panel: what was saved, what stands against proposing it.
  let panel = null;
  let shown = null;
  let notice = null;
  // On a phone the panel would cover the drawing: folded until its button is pressed, whatever was chosen at a desk.
  const narrow = matchMedia("(max-width: 700px)").matches;
  let folded = narrow || localStorage.getItem("designer-panel") === "folded";

  async function noticeChange(method, path, body, answer) {
    const publishes = /\/publish/.test(path) || (path === "/workflow-definitions" && wantsPublishing(body));
    const told = await answer.json().catch(() => null);
    const saves = path === "/workflow-definitions";
    if (saves && answer.ok)
      unsaved = null;
    if (!answer.ok) {
      // What was not proposed because of what it says was saved before; what somebody else was faster with is nowhere but on the screen.
      if (saves && shown?.view === "editor" && (!publishes || told?.code === "draft-saved-by-other"))
        unsaved = modelOf(body);
      notice = {
        kind: "refused", title: saves && !publishes ? text.refused : text.notDone, lines: sentencesOf(answer.status, told),
        rescue: saves && unsaved !== null, definition: answer.status === 404 ? null : actOn(path)?.[1]
      };
      // A folded panel would say nothing.
      if (folded) {
        folded = false;
        window.dispatchEvent(new Event("resize"));
      }
    } else if (publishes) {
      // Several at once: an answer of 200 may hold none that was proposed.
      const proposed = told?.published?.length ?? (told?.alreadyPublished === true ? 0 : 1);
      const reasons = Object.values(told?.warnings ?? {}).flat();
      notice = proposed > 0
        ? { kind: "proposed", title: text.proposed, lines: [text.proposedHint, ...new Set(reasons)], link: true }
        : reasons.length ? { kind: "refused", title: text.notDone, lines: [...new Set(reasons)] }
        : { kind: "unchanged", title: text.already, lines: [] };
    } else if (/^\/bulk-actions\/retract\//.test(path)) {
      // Studio tells of those that were taken back and is silent about the others.
      const kept = [...told?.skipped ?? [], ...told?.notPublished ?? []];
      notice = kept.length === 0 ? null
        : { kind: "unchanged", title: text.notDone, lines: [say(text.kept, kept.map(window.designerWords.nameOf).join(", "))] };
    } else if (saves || /^\/workflow-definitions\/(import|[^/]+\/(revert|retract))/.test(path)) {
      notice = null;
    }
    await readPanel();
  }

  const sent = body => JSON.parse(typeof body === "string" ? body : new TextDecoder().decode(body));

  function wantsPublishing(body) {
    try {
      return sent(body).publish === true;
    } catch {
      return false;
    }
  }

  // The definition of a save as a file that can be imported; which version it was drawn on is no part of it.
  function modelOf(body) {
    try {
      const model = sent(body).model;
      delete model.customProperties?.ppid;
      return JSON.stringify(model, null, 2);
    } catch {
      return null;
    }
  }

  let reading = 0;
  async function readPanel() {
    const turn = ++reading;
    if (shown?.view !== "editor") {
      panel = null;
      return draw();
    }
    const answer = await nativeFetch("/designer/panel/" + encodeURIComponent(shown.id), { redirect: "manual", cache: "no-store" }).catch(() => null);
    // Read before it is put aside: an answer that nobody reads keeps its connection, and a browser has six.
    const read = answer?.ok ? await answer.json().catch(() => null) : null;
    if (turn !== reading)
      return;
    panel = read ?? panel;
    draw();
  }

  function node(tag, content, attributes = {}) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes))
      made.setAttribute(name, value);
    made.append(...[content].flat().filter(part => part !== null && part !== undefined));
    return made;
  }

  function draw() {
    const place = byId("designer-panel");
    if (!place)
      return;
    const needed = shown?.view === "editor" || notice !== null;
    place.hidden = !needed;
    document.body.classList.toggle("with-panel", needed && !folded);
    document.body.classList.toggle("panel-folded", needed && folded);
    if (!needed)
      return place.replaceChildren();

    const errors = panel?.problems.filter(problem => problem.severity === "error") ?? [];
    const warnings = panel?.problems.filter(problem => problem.severity === "warning") ?? [];
    const fold = node("button", folded ? "‹" : "›", {
      type: "button", class: "designer-fold", "aria-expanded": String(!folded), "aria-label": folded ? text.show : text.hide,
      title: folded ? text.show : text.hide, "data-testid": "panel-fold"
    });
    fold.addEventListener("click", () => {
      folded = !folded;
      if (!narrow)
        localStorage.setItem("designer-panel", folded ? "folded" : "open");
      draw();
      window.dispatchEvent(new Event("resize"));
    });
    if (folded) {
      place.replaceChildren(fold, node("span", errors.length ? String(errors.length) : "", { class: "designer-count", "data-testid": "panel-count" }));
      return;
    }

    const parts = [node("div", [node("h2", text.panel), fold], { class: "designer-panel-head" })];
    if (notice) {
      const close = node("button", "×", { type: "button", class: "designer-close", "aria-label": text.close });
      close.addEventListener("click", () => { notice = null; draw(); });
      parts.push(node("div", [
        close, node("strong", notice.title), ...notice.lines.map(line => node("p", line)),
        notice.link && panel ? node("a", text.toDefinition, { href: panel.revisionPage, "data-testid": "panel-proposed-link" }) : null,
        notice.definition && shown?.view !== "editor"
          ? node("a", text.openDefinition, { href: "/designer/" + notice.definition, "data-testid": "panel-open" }) : null,
        notice.rescue ? rescue() : null
      ], { class: "designer-notice designer-" + notice.kind, role: notice.kind === "refused" ? "alert" : "status", "data-testid": "panel-" + notice.kind }));
    }
    if (panel) {
      parts.push(node("dl", [
        node("dt", text.version), node("dd", [String(panel.version) + " ", node("span", panel.stateText, { class: "designer-state is-" + panel.state, "data-testid": "panel-state" })]),
        node("dt", text.savedBy), node("dd", panel.saved, { "data-testid": "panel-saved" }),
        node("dt", text.inForce), node("dd", panel.inForceVersion === null ? text.noneInForce : say(text.version + " {0}", panel.inForceVersion))
      ]));
      if (!panel.mayWrite)
        parts.push(node("p", text.readOnly, { class: "designer-hint" }));
      parts.push(list(errors, text.errors, "error"), list(warnings, text.warnings, "warning"));
      if (panel.problems.length === 0)
        parts.push(node("p", text.noProblems, { class: "designer-fine", "data-testid": "panel-fine" }));
      parts.push(node("p", node("a", text.toDefinition, { href: panel.revisionPage, "data-testid": "panel-definition" })));
    } else if (shown?.view === "editor") {
      parts.push(node("p", text.newDefinition, { class: "designer-hint" }));
    }
    place.replaceChildren(...parts.filter(Boolean));
  }

  // What was refused, to be kept: imported, it becomes a draft of its own beside the other one's.
  function rescue() {
    const link = node("a", text.rescue, { href: "#", download: `${shown.id}.json`, "data-testid": "panel-rescue" });
    link.addEventListener("click", () => {
      const file = URL.createObjectURL(new Blob([unsaved], { type: "application/json" }));
      link.href = file;
      setTimeout(() => URL.revokeObjectURL(file), 60_000);
    });
    return link;
  }

  function list(problems, title, kind) {
    if (problems.length === 0)
      return null;
    return node("section", [
      node("h3", `${title} (${problems.length})`),
      node("ul", problems.map(problem => node("li", [
        problem.activity ? node("strong", problem.activity) : null, node("span", problem.message)
      ], { class: "designer-" + kind, "data-testid": "panel-" + kind, "data-code": problem.code })))
    ]);
  }

  // ---- Which element under which address.
  const views = {
    definitions: { tag: "elsa-workflow-definition-list", callbacks: { editWorkflowDefinition: id => go("/designer/" + encodeURIComponent(id)) } },
    editor: {
      tag: "elsa-workflow-definition-editor", attribute: "definition-id",
      callbacks: { workflowDefinitionExecuted: id => go("/designer/instances/" + encodeURIComponent(id)) }
    },
    instances: { tag: "elsa-workflow-instance-list", callbacks: { viewWorkflowInstance: id => go("/designer/instances/" + encodeURIComponent(id)) } },
    viewer: {
      tag: "elsa-workflow-instance-viewer", attribute: "instance-id",
      callbacks: { editWorkflowDefinition: id => go("/designer/" + encodeURIComponent(id)) }
    }
  };

  function find(path) {
    const parts = path.split("/").filter(Boolean).slice(1).map(decodeURIComponent);
    if (parts.length === 0)
      return { view: "definitions" };
    if (parts[0] === "instances")
      return parts.length > 1 ? { view: "viewer", id: parts[1] } : { view: "instances" };
    return { view: "editor", id: parts[0] };
  }

  // A new document for each of the four: Studio's dialogs, notices and live connections of the former one go with it.
  const go = address => { if (address !== location.pathname) location.assign(address); };

  async function show() {
    shown = find(location.pathname);
    for (const link of document.querySelectorAll(".designer-bar [data-view]"))
      if ((shown.view === "editor" ? "definitions" : shown.view === "viewer" ? "instances" : shown.view) === link.dataset.view)
        link.setAttribute("aria-current", "page");
    const view = views[shown.view];
    const [value] = await Promise.all([currentToken(false), customElements.whenDefined(view.tag)]);
    handToStudio();
    const element = document.createElement(view.tag);
    element.setAttribute("remote-endpoint", api);
    element.setAttribute("access-token", value);
    if (view.attribute)
      element.setAttribute(view.attribute, shown.id);
    for (const [name, callback] of Object.entries(view.callbacks))
      element[name] = callback;
    // The panel first: Studio measures the room that is left for its drawing.
    await readPanel();
    byId("designer-loading").remove();
    byId("designer-studio").append(element);
    document.body.classList.add("view-" + shown.view);
    if (view.attribute)
      fitDrawing(element);
  }

  // Studio shows a drawing at its full size, wherever its middle lies: the whole of it first, with Studio's own control.
  async function fitDrawing(element) {
    for (let tries = 0; tries < 100; tries++) {
      await wait(100);
      const drawing = element.querySelector(".x6-node")?.closest(".rz-splitter-pane");
      const control = drawing?.querySelector(".mud-toolbar button");
      if (control)
        return control.click();
    }
  }

  // Studio's own addresses, which only its stand-alone host knows.
  function ownAddress(url) {
    const found = /^\/designer\/(?:workflows\/(definitions|instances)\/([^/]+)\/(?:edit|view)|workflows\/(definitions|instances)\/?$)/.exec(url.pathname);
    if (!found)
      return null;
    return found[3] ? (found[3] === "definitions" ? "/designer" : "/designer/instances")
      : (found[1] === "definitions" ? "/designer/" : "/designer/instances/") + found[2];
  }
  for (const name of ["pushState", "replaceState"]) {
    const native = history[name].bind(history);
    history[name] = (state, title, url) => {
      const target = url === undefined || url === null ? null : ownAddress(new URL(url, document.baseURI));
      return target ? location.assign(target) : native(state, title, url);
    };
  }
  document.addEventListener("click", event => {
    const link = event.target.closest?.("a[href]");
    const target = link && link.target !== "_blank" ? ownAddress(new URL(link.href)) : null;
    if (target) {
      event.preventDefault();
      event.stopPropagation();
      location.assign(target);
    }
  }, true);

  window.designer = {
    started: () => show(),
    failed: failure => {
      console.error(failure);
      byId("blazor-error-ui").hidden = false;
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    currentToken(false);
    byId("blazor-error-ui").querySelector(".dismiss").addEventListener("click", () => { byId("blazor-error-ui").hidden = true; });
    if (expired)
      tellExpired(text.expired);
  });
})();

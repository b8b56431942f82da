// The board while it is open: told what changed, it reads itself anew. Without this file the page has its link "Muat ulang".
(() => {
  const board = document.getElementById("board"), line = document.getElementById("board-live"), words = line.dataset;
  const Poll = 30000, Together = 250, Minute = 60000;
  let stream, poll, soon, due, retry, reading = false, again = false;

  const say = (text, state) => { line.hidden = false; line.dataset.state = state; line.querySelector("[data-text]").textContent = text; };
  const rows = root => [...root.querySelectorAll("[data-task]")];
  const mark = root => rows(root).map(r => [r.dataset.task, r.dataset.revision, r.dataset.clock, r.className].join()).join("|");
  // Nobody loses a half-filled form to somebody else's change.
  const isBusy = () => board.querySelector(".board details[open]") !== null;

  const read = async () => {
    if (reading) { again = true; return; }
    reading = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
      if (answer.redirected || answer.status === 401 || answer.status === 403) { location.reload(); return; }
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("board");
      if (fresh && mark(fresh) !== mark(board)) show(fresh);
      else if (fresh) tick(fresh);
    } catch { /* The line is down; the next event or the timer tries again. */ }
    finally {
      reading = false;
      wake();
      if (again) { again = false; later(); }
    }
  };

  const show = fresh => {
    if (isBusy()) { document.getElementById("board-changed").hidden = false; return; }
    document.getElementById("board-changed").hidden = true;
    const at = document.activeElement, row = board.contains(at) && at.closest("[data-task]"), test = at?.dataset?.testid;
    const filter = board.querySelector("details.fold:not(.board details)")?.open;
    board.replaceChildren(...fresh.childNodes);
    if (filter) board.querySelector("details.fold:not(.board details)").open = true;
    board.dispatchEvent(new CustomEvent("shown", { bubbles: true }));
    if (row && test) board.querySelector(`[data-task="${row.dataset.task}"] [data-testid="${test}"]`)?.focus();
  };

  // A time that no script counts (overdue, or across closing hours) is the server's sentence, and as old as its page.
  const still = row => !row.classList.contains("task-paused") && row.querySelector(".left:not([data-left]), .left-late") !== null;
  const tick = fresh => {
    const told = new Map(rows(fresh).map(r => [r.dataset.task, r.querySelector(".board-when")]));
    for (const row of rows(board).filter(still)) {
      const when = row.querySelector(".board-when"), now = told.get(row.dataset.task);
      if (!now || now.textContent === when.textContent) continue;
      when.replaceChildren(...now.childNodes);
      when.dispatchEvent(new CustomEvent("shown", { bubbles: true }));
    }
  };

  const later = () => { clearTimeout(soon); soon = setTimeout(read, Together); };

  // What becomes overdue by the clock alone is no event of anybody's, and neither is each minute after that.
  const wake = () => {
    clearTimeout(due);
    if (document.hidden) return;
    const next = Math.min(...[...board.querySelectorAll("time[datetime]")].map(t => Date.parse(t.dateTime)).filter(t => t > Date.now()));
    const wait = Math.min(next - Date.now() + 1000, rows(board).some(still) ? Minute : Infinity);
    if (Number.isFinite(wait)) due = setTimeout(read, Math.min(wait, 2147483647));
  };

  const pollOn = () => { poll ??= setInterval(read, Poll); say(words.off, "off"); };
  const pollOff = () => { clearInterval(poll); poll = undefined; };

  const close = () => { clearTimeout(retry); stream?.close(); };

  const open = () => {
    close();
    if (!window.EventSource) return pollOn();
    stream = new EventSource("/board/events");
    // Something may have been committed between the page and the stream.
    stream.addEventListener("ready", () => { pollOff(); say(words.on, "on"); read(); });
    stream.addEventListener("change", event => {
      const shown = new Map(rows(board).map(r => [r.dataset.task, r.dataset]));
      const told = JSON.parse(event.data);
      const isKnown = t => { const row = shown.get(t.id); return row && +row.revision === t.revision && +row.clock === t.clock; };
      if (told.more || !told.tasks.every(isKnown)) later();
    });
    stream.onerror = () => {
      pollOn();
      // Refused, not broken off: the browser does not come back by itself.
      if (stream.readyState === EventSource.CLOSED) retry = setTimeout(open, 2 * Poll);
    };
  };

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { close(); clearTimeout(due); pollOff(); } else { open(); read(); }
  });
  document.getElementById("board-changed").querySelector("a").addEventListener("click", event => { event.preventDefault(); location.reload(); });
  open();
  wake();
})();

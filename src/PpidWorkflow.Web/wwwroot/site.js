// Comforts only: every page works without.
(() => {
  const all = (selector, act) => document.querySelectorAll(selector).forEach(act);

  // Seconds are given only where working time and wall time agree until the due instant (TimeLeft.razor).
  const countDown = element => {
    const [left, hour, minute, second, passed] = (element.dataset.words || "").split("|");
    const due = Date.now() + element.dataset.left * 1000;
    const show = () => {
      const seconds = Math.floor((due - Date.now()) / 1000);
      if (!element.isConnected) return clearInterval(timer);
      if (seconds < 0) {
        element.textContent = passed;
        element.classList.add("left-late");
        clearInterval(timer);
        return;
      }
      const h = seconds / 3600 | 0, m = (seconds / 60 | 0) % 60;
      const words = seconds < 60 ? `${seconds} ${second}` : [h && `${h} ${hour}`, m && `${m} ${minute}`].filter(Boolean).join(" ");
      element.textContent = left.replace("#", words);
    };
    const timer = setInterval(show, 1000);
    show();
  };
  all("[data-left]", countDown);

  all("[data-copy]", button => {
    const source = document.getElementById(button.dataset.copy);
    button.hidden = false;
    button.addEventListener("click", async () => {
      source.select();
      try { await navigator.clipboard.writeText(source.value); } catch { document.execCommand("copy"); }
      button.querySelector("span").textContent = button.dataset.copied;
    });
  });

  all("[data-print]", button => {
    button.hidden = false;
    button.addEventListener("click", () => print());
  });
  addEventListener("beforeprint", () => all(".more", details => { details.open = true; }));

  // Blank rows beyond the second wait behind the button.
  all("[data-rows]", list => {
    const spare = [...list.querySelectorAll("[data-blank]")].slice(2), more = list.parentElement.querySelector('[value="rows"]');
    spare.forEach(row => { row.hidden = true; });
    more.addEventListener("click", event => {
      const row = spare.shift();
      if (!row) return;
      event.preventDefault();
      row.hidden = false;
      row.querySelector("input").focus();
    });
  });

  // Told before a slow line has carried it all.
  all("[data-too-large]", input => input.addEventListener("change", () => {
    const size = [...input.files].reduce((sum, file) => sum + file.size, 0);
    input.setCustomValidity(size > input.dataset.maxMegabytes * 1048576 ? input.dataset.tooLarge : "");
    input.reportValidity();
  }));

  // One press is enough; and nobody leaves typed words behind unasked.
  const unsent = new Set();
  const guard = form => {
    form.addEventListener("input", () => unsent.add(form));
    form.addEventListener("submit", event => {
      if (form.dataset.sent) return event.preventDefault();
      form.dataset.sent = "yes";
      unsent.delete(form);
      event.submitter?.setAttribute("aria-busy", "true");
    });
  };
  all("form[data-guard]", guard);

  // A part of the page that a script has put in (board.js).
  addEventListener("shown", event => {
    event.target.querySelectorAll("[data-left]").forEach(countDown);
    event.target.querySelectorAll("form[data-guard]").forEach(guard);
  });
  addEventListener("beforeunload", event => { if (unsent.size) event.preventDefault(); });

  document.getElementById("problems")?.focus();
  all("details.menu", menu => addEventListener("click", event => { if (!menu.contains(event.target)) menu.open = false; }));
})();

// Milia in the browser: forms that save as one types, two people on one record, charts. No eval, no inline code.
"use strict";
(() => {
  const csrf = () => document.querySelector('meta[name="csrf-token"]').content;
  const say = (en, ko) => (document.documentElement.lang === "ko" ? ko : en);

  // One line above the page; the newest takes the place of the one before.
  function note(kind, text, more = []) {
    const line = document.createElement("p");
    line.className = `note ${kind}`;
    line.setAttribute("role", kind === "bad" ? "alert" : "status");
    line.append(text, ...more);
    const box = document.getElementById("messages");
    box.replaceChildren(line);
    box.scrollIntoView({ block: "nearest" });
    return line;
  }

  async function ask(path, { method = "GET", body } = {}) {
    const headers = { "X-CSRF-Token": csrf(), Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const answer = await fetch(path, { method, headers, credentials: "same-origin", body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await answer.text();
    let content = null;
    // A machine in between may answer with a page of its own.
    try { content = text ? JSON.parse(text) : null; } catch { content = null; }
    if (!answer.ok) throw content || { title: answer.statusText, status: answer.status };
    return content;
  }

  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRF-Token"] = csrf();
  });

  // A problem names its field: say it in the words of the page, mark it and take the person there.
  document.addEventListener("htmx:afterSwap", (event) => {
    document.querySelectorAll(".wrong").forEach((each) => each.classList.remove("wrong"));
    if (event.detail.target.id !== "messages") return;
    const told = document.querySelector("#messages [data-field]");
    document.getElementById("messages").scrollIntoView({ block: "nearest" });
    if (!told) return;
    const name = told.dataset.field.split(".").pop();
    const inputs = [...document.querySelectorAll(`main [name="${CSS.escape(name)}"]:not([type="hidden"])`)];
    const input = inputs.find((each) => lastForm?.contains(each)) || inputs[0];
    if (input) {
      const many = ["radio", "checkbox"].includes(input.type);
      const label = many ? input.closest("fieldset")?.querySelector("legend") : input.labels?.[0];
      const words = (label?.textContent || input.getAttribute("aria-label") || "").replace("*", "").trim();
      const which = told.querySelector("[data-which]");
      if (which && words) which.textContent = which.textContent.replace(told.dataset.field, words);
      const folded = input.closest("details:not([open])");
      if (folded) folded.open = true;
      (many ? input.closest("fieldset") : input).classList.add("wrong");
      input.focus({ preventScroll: true });
    }
    document.getElementById("messages").scrollIntoView({ block: "nearest" });
  });

  // No answer at all: the server is away; what was typed stays where it is.
  const away = () => say("Milia does not answer. What you typed is still here; save again in a moment.",
    "Milia가 응답하지 않습니다. 입력하신 내용은 그대로 있습니다. 잠시 후 다시 저장하십시오.");
  document.addEventListener("htmx:sendError", () => note("bad", away()));

  // The session ended while somebody typed: the page stays, with all that is in it, until they are back.
  let typed = false, ended = false;
  document.addEventListener("input", () => { typed = true; });
  function signedOut() {
    ended = true;
    const link = document.createElement("a");
    link.href = "/sign-in?back=/account";
    link.target = "_blank";
    link.textContent = say("Sign in in a new window", "새 창에서 로그인");
    note("bad", say("Your session has ended. What you typed is still here: sign in, come back to this window and save. ",
      "로그인 시간이 끝났습니다. 입력하신 내용은 그대로 있습니다. 로그인한 뒤 이 창으로 돌아와 저장하십시오. "), [link]);
  }
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.xhr.status !== 401 || !typed) return;
    event.preventDefault();
    signedOut();
  });
  async function signedInAgain() {
    if (!ended || document.hidden) return;
    const answer = await fetch("/account", { credentials: "same-origin" }).catch(() => null);
    if (!answer || !answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector('meta[name="csrf-token"]').content;
    ended = false;
    document.querySelector('meta[name="csrf-token"]').content = token;
    document.querySelectorAll('input[name="csrf_token"]').forEach((each) => { each.value = token; });
    note("good", say("You are signed in again. Save now.", "다시 로그인되었습니다. 지금 저장하십시오."));
    document.querySelectorAll("form[data-kept]").forEach((form) => form.dispatchEvent(new Event("input", { bubbles: true })));
  }
  window.addEventListener("focus", signedInAgain);
  document.addEventListener("visibilitychange", signedInAgain);

  // A script of this page failed: forms still work, but what is live may stand still.
  function broken(event) {
    const message = String(event.message || event.reason?.message || "");
    if (message.startsWith("ResizeObserver")) return;
    if (event.target instanceof Element && event.target.tagName !== "SCRIPT") return;
    if (!document.getElementById("messages") || document.querySelector("#messages .note")) return;
    const again = document.createElement("a");
    again.href = location.href;
    again.textContent = say("Load it again", "다시 불러오기");
    note("warn", say("A part of this page does not work. You can still save. ", "이 화면의 일부가 작동하지 않습니다. 저장은 할 수 있습니다. "), [again]);
  }
  window.addEventListener("error", broken, true);
  window.addEventListener("unhandledrejection", broken);

  // Clicked twice is meant once: what was sent waits for its answer, and for the page that follows it.
  const lock = (form, on) => form.querySelectorAll("button").forEach((each) => { each.disabled = on; });
  document.addEventListener("htmx:beforeRequest", (event) => { if (event.detail.elt.matches("form")) lock(event.detail.elt, true); });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr } = event.detail;
    if (elt.matches("form") && !(xhr?.status < 400 && xhr.getResponseHeader("HX-Redirect"))) lock(elt, false);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    // What answers with a file leaves the page as it is.
    setTimeout(() => { delete form.dataset.sent; }, 3000);
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.querySelectorAll("form").forEach((form) => { delete form.dataset.sent; lock(form, false); });
  });

  // Two people on one record: keep both edits, or one's own, on top of the stored version.
  let lastForm = null, lastButton = null;
  document.addEventListener("submit", (event) => { lastForm = event.target; lastButton = event.submitter; }, true);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-keep]");
    if (!button || !lastForm) return;
    // Merging starts from the version that was read; keeping one's own from the version that is stored now.
    if (button.dataset.merge) put(lastForm, "merge", "1");
    else { put(lastForm, "version", button.dataset.keep); put(lastForm, "merge", ""); }
    // The same button again: who wanted to sign does not only save.
    lastForm.requestSubmit(lastButton?.isConnected ? lastButton : undefined);
  });
  function put(form, name, value) {
    let input = form.querySelector(`input[name="${name}"]`);
    if (!input) {
      input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      form.append(input);
    }
    input.value = value;
  }

  // Forms that save as one types.
  const plain = (form) => {
    const content = {};
    for (const [name, value] of new FormData(form)) {
      if (["csrf_token", "version", "merge"].includes(name) || typeof value !== "string") continue;
      if (name in content) content[name] = [].concat(content[name], value);
      else content[name] = value;
    }
    return content;
  };
  const fill = (form, content) => {
    for (const input of form.elements) {
      if (!input.name || ["hidden", "password", "file", "submit"].includes(input.type) || input.tagName === "BUTTON") continue;
      const values = [].concat(input.name in content ? content[input.name] : []);
      if (["checkbox", "radio"].includes(input.type)) input.checked = values.includes(input.value);
      else if (input.name in content) input.value = values[0] ?? "";
      // What came back is not hidden in a fold.
      if (input.checked ? !input.defaultChecked : input.name in content && "defaultValue" in input && input.value !== input.defaultValue) input.closest("details")?.setAttribute("open", "");
    }
  };
  async function keepDraft(form) {
    const [name, subject] = form.dataset.draft.split(":");
    const path = `/api/v1/drafts/${name}/${subject || "new"}`;
    const line = document.createElement("p");
    line.className = "saved";
    line.setAttribute("role", "status");
    form.append(line);
    let version = 0, timer = 0, busy = false, again = false, done = false;
    try {
      const found = await ask(path);
      if (found) {
        version = found.version;
        if (JSON.stringify(found.content) !== JSON.stringify(plain(form))) {
          fill(form, found.content);
          line.textContent = say("What you typed before is back.", "저장하지 않은 입력을 다시 불러왔습니다.");
          form.dispatchEvent(new Event("milia:restored", { bubbles: true }));
        }
      }
    } catch (problem) { return; }
    const save = async () => {
      if (busy) { again = true; return; }
      busy = true;
      try {
        const body = { content: plain(form), version };
        if (form.dataset.patient) body.patient_id = form.dataset.patient;
        version = (await ask(path, { method: "PUT", body })).version;
        if (!done) line.textContent = say("Kept as you type.", "입력 내용이 임시 저장되었습니다.");
      } catch (problem) {
        if (problem.status === 409) {
          const found = await ask(path).catch(() => null);
          if (found) version = found.version;
          again = true;
        } else {
          line.textContent = say("Cannot be kept just now.", "지금은 임시 저장할 수 없습니다.");
          if (problem.status === 401) signedOut();
          // The server is away for a moment: try again without being asked to.
          else if (!(problem.status < 500)) timer = setTimeout(save, 5000);
        }
      }
      busy = false;
      if (again && !done) { again = false; timer = setTimeout(save, 1000); }
    };
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, 700); });
    form.addEventListener("submit", () => { clearTimeout(timer); });
    form.addEventListener("htmx:afterRequest", (event) => {
      if (!event.detail.successful || event.detail.elt !== form) return;
      done = true;
      fetch(path, { method: "DELETE", headers: { "X-CSRF-Token": csrf() }, keepalive: true }).catch(() => {});
    });
  }

  // Charts: the option stands in the page as data; colours follow the page's own.
  function draw(box) {
    const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const chart = echarts.init(box, null, { renderer: "svg" });
    const ink = colour("--ink"), soft = colour("--soft"), line = colour("--line");
    const axis = { axisLine: { lineStyle: { color: soft } }, axisLabel: { color: soft }, nameTextStyle: { color: soft }, splitLine: { lineStyle: { color: line } } };
    // A colour that begins with two dashes is one of the page's own.
    const own = (_, value) => (typeof value === "string" && /^--[a-z-]+$/.test(value) ? colour(value) : value);
    const option = JSON.parse(box.dataset.chart, own);
    for (const name of ["xAxis", "yAxis"]) if (option[name]) option[name] = [].concat(option[name]).map((each) => ({ ...axis, ...each }));
    chart.setOption({
      backgroundColor: "transparent", animation: false, textStyle: { color: ink, fontFamily: "inherit" },
      color: ["--brand", "--warn", "--info", "--bad", "--good"].map(colour), ...option,
      ...(option.legend && { legend: { textStyle: { color: ink }, ...option.legend } }),
      tooltip: { renderMode: "richText", ...(option.tooltip || {}) },
    });
    new ResizeObserver(() => chart.resize()).observe(box);
    return chart;
  }

  window.milia = { fetch: ask, csrf, draw, say, note, away, signedOut };
  const start = (root) => {
    root.querySelectorAll("form[data-draft]:not([data-kept])").forEach((form) => { form.dataset.kept = "1"; keepDraft(form); });
    if (window.echarts) root.querySelectorAll("[data-chart]:not([data-drawn])").forEach((box) => { box.dataset.drawn = "1"; draw(box); });
  };
  document.addEventListener("DOMContentLoaded", () => start(document));
  document.addEventListener("htmx:load", (event) => start(event.detail.elt));
})();

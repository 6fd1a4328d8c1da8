// Milia in the browser: forms that save as one types, two people on one record, charts. No eval, no inline code.
"use strict";
(() => {
  const csrf = () => document.querySelector('meta[name="csrf-token"]').content;

  async function ask(path, { method = "GET", body } = {}) {
    const headers = { "X-CSRF-Token": csrf(), Accept: "application/json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const answer = await fetch(path, { method, headers, credentials: "same-origin", body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await answer.text();
    const content = text ? JSON.parse(text) : null;
    if (!answer.ok) throw content || { title: answer.statusText, status: answer.status };
    return content;
  }

  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRF-Token"] = csrf();
  });

  // A problem names its field: mark it and take the person there.
  document.addEventListener("htmx:afterSwap", (event) => {
    document.querySelectorAll(".wrong").forEach((each) => each.classList.remove("wrong"));
    const note = document.querySelector("#messages [data-field]");
    if (!note || !event.detail.elt.closest("#messages, form")) return;
    const name = note.dataset.field.split(".").pop();
    const input = document.querySelector(`main [name="${CSS.escape(name)}"]`);
    if (input) { input.classList.add("wrong"); input.focus({ preventScroll: true }); }
    document.getElementById("messages").scrollIntoView({ block: "nearest" });
  });

  // No answer at all: the server is away; what was typed stays where it is.
  document.addEventListener("htmx:sendError", () => {
    const note = document.createElement("p");
    note.className = "note bad";
    note.setAttribute("role", "alert");
    note.textContent = document.documentElement.lang === "ko"
      ? "Milia가 응답하지 않습니다. 입력하신 내용은 그대로 있습니다. 잠시 후 다시 저장하십시오."
      : "Milia does not answer. What you typed is still here; save again in a moment.";
    document.getElementById("messages").replaceChildren(note);
  });

  // Two people on one record: keep both edits, or one's own, on top of the stored version.
  let lastForm = null;
  document.addEventListener("submit", (event) => { lastForm = event.target; }, true);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-keep]");
    if (!button || !lastForm) return;
    // Merging starts from the version that was read; keeping one's own from the version that is stored now.
    if (button.dataset.merge) put(lastForm, "merge", "1");
    else { put(lastForm, "version", button.dataset.keep); put(lastForm, "merge", ""); }
    lastForm.requestSubmit();
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
    }
  };
  async function keepDraft(form) {
    const [name, subject] = form.dataset.draft.split(":");
    const path = `/api/v1/drafts/${name}/${subject || "new"}`;
    const line = document.createElement("p");
    line.className = "saved";
    line.setAttribute("role", "status");
    form.append(line);
    const ko = document.documentElement.lang === "ko";
    let version = 0, timer = 0, busy = false, again = false, done = false;
    try {
      const found = await ask(path);
      if (found) {
        version = found.version;
        if (JSON.stringify(found.content) !== JSON.stringify(plain(form))) {
          fill(form, found.content);
          line.textContent = ko ? "저장하지 않은 입력을 다시 불러왔습니다." : "What you typed before is back.";
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
        if (!done) line.textContent = ko ? "입력 내용이 임시 저장되었습니다." : "Kept as you type.";
      } catch (problem) {
        if (problem.status === 409) {
          const found = await ask(path).catch(() => null);
          if (found) version = found.version;
          again = true;
        } else line.textContent = ko ? "지금은 임시 저장할 수 없습니다." : "Cannot be kept just now.";
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

  window.milia = { fetch: ask, csrf, draw };
  const start = (root) => {
    root.querySelectorAll("form[data-draft]:not([data-kept])").forEach((form) => { form.dataset.kept = "1"; keepDraft(form); });
    if (window.echarts) root.querySelectorAll("[data-chart]:not([data-drawn])").forEach((box) => { box.dataset.drawn = "1"; draw(box); });
  };
  document.addEventListener("DOMContentLoaded", () => start(document));
  document.addEventListener("htmx:load", (event) => start(event.detail.elt));
})();

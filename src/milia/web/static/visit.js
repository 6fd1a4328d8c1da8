// The visit in the browser: face map, live differential, live plan, photographs. Every page works without it.
const milia = () => window.milia;
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const later = (wait, work) => { let timer = 0; return (...args) => { clearTimeout(timer); timer = setTimeout(() => work(...args), wait); }; };

// Face map: a tap on a site fills the form; on narrow screens one view at a time.
function faceMap(svg) {
  const narrow = matchMedia("(max-width: 46rem)");
  const views = { right: 0, front: 300, left: 600 };
  let view = "front";
  const show = () => {
    svg.setAttribute("viewBox", narrow.matches ? `${views[view]} 0 300 420` : "0 0 900 420");
    all("[data-view]:not(path)").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.view === view)));
  };
  all(".map-views [data-view]").forEach((button) => button.addEventListener("click", () => { view = button.dataset.view; show(); }));
  narrow.addEventListener("change", show);
  show();
  const form = document.getElementById("pin-form");
  if (!form) return;
  svg.addEventListener("click", (event) => {
    const region = event.target.closest(".fm-region");
    if (!region) return;
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    all(".chosen, .fm-new", svg).forEach((old) => (old.classList.contains("fm-new") ? old.remove() : old.classList.remove("chosen")));
    region.classList.add("chosen");
    const dot = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    for (const [name, value] of Object.entries({ cx: point.x, cy: point.y, r: 6, class: "fm-new" })) dot.setAttribute(name, value);
    svg.append(dot);
    form.elements.pin_x.value = (point.x / 900).toFixed(4);
    form.elements.pin_y.value = (point.y / 420).toFixed(4);
    form.elements.site.value = region.dataset.site;
    form.classList.add("ready");
    form.querySelector("button").focus({ preventScroll: true });
    form.scrollIntoView({ block: "nearest", behavior: "smooth" });
  });
  form.elements.site.addEventListener("change", () => { form.elements.pin_x.value = ""; form.elements.pin_y.value = ""; all(".fm-new", svg).forEach((dot) => dot.remove()); });
  all("[data-lesion]").forEach((row) => {
    const pin = svg.querySelector(`[data-pin="${row.dataset.lesion}"]`);
    for (const [on, off] of [["mouseenter", "mouseleave"], ["focusin", "focusout"]]) {
      row.addEventListener(on, () => pin?.classList.add("lit"));
      row.addEventListener(off, () => pin?.classList.remove("lit"));
    }
  });
}

// Findings: the differential follows what is ticked.
function findings(form) {
  const box = document.getElementById("differential");
  let asked = 0;
  const answer = async () => {
    const number = ++asked;
    box.classList.add("busy");
    try {
      const response = await fetch(box.dataset.source, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true", "X-CSRF-Token": milia().csrf() }, credentials: "same-origin" });
      const html = await response.text();
      if (number === asked && response.ok) { box.innerHTML = html; mark(); }
    } finally { if (number === asked) box.classList.remove("busy"); }
  };
  const soon = later(200, answer);
  form.addEventListener("input", soon);
  form.addEventListener("milia:restored", answer);
  const mark = () => {
    const question = box.querySelector(".question");
    const key = question?.dataset.key.replace("course.", "");
    all("[data-finding]", form).forEach((each) => each.classList.toggle("asked", each.dataset.finding === key));
  };
  box.addEventListener("click", (event) => {
    const button = event.target.closest("[data-answer], [data-choose]");
    if (!button) return;
    const question = button.closest(".question");
    if (button.dataset.choose) {
      const input = form.querySelector(`input[name="${CSS.escape(button.dataset.name)}"][value="${CSS.escape(button.dataset.choose)}"]`);
      if (input) input.checked = true;
    } else {
      const area = form.elements[question.dataset.key];
      const line = (button.dataset.answer === "no" ? "no " : "") + question.dataset.phrase;
      area.value = [area.value.trim(), line].filter(Boolean).join("\n");
    }
    form.dispatchEvent(new Event("input", { bubbles: true }));
  });
  mark();
}

// Plan in the making: ask the job until it is done.
async function waitFor(box) {
  const bar = box.querySelector("progress");
  for (;;) {
    let job;
    try { job = await milia().fetch(`/api/v1/jobs/${box.dataset.job}`); } catch { job = null; }
    if (job) {
      bar.value = job.progress_percent;
      if (["done", "failed", "cancelled"].includes(job.state)) { location.assign(box.dataset.next); return; }
    }
    await new Promise((go) => setTimeout(go, 700));
  }
}

// Live plan: a dial is moved, the newest answer counts; an older one that comes late is dropped.
function dials(form) {
  const steps = JSON.parse(form.dataset.steps);
  const source = form.dataset.source;
  const out = (name) => document.querySelector(`[data-live="${name}"]`);
  const unit = { energy_mJ: "mJ", duration_us: "µs", spot_um: "µm", interval_ms: "ms", pulses: "" };
  const write = (value) => new Intl.NumberFormat(document.documentElement.lang, { maximumSignificantDigits: 4 }).format(value);
  const list = (name) => {
    if (name !== "duration_us") return steps[name];
    const energy = steps.energy_mJ[+form.elements.energy_mJ.value];
    return steps.pairs.filter((pair) => pair[0] === energy).map((pair) => pair[1]);
  };
  const chosen = () => {
    const made = {};
    for (const name of Object.keys(unit)) {
      const input = form.elements[name], values = list(name);
      input.max = values.length - 1;
      input.disabled = values.length < 2;
      made[name] = values[Math.min(+input.value, values.length - 1)];
      form.querySelector(`output[for="dial-${name}"]`).textContent = `${write(made[name])} ${unit[name]}`.trim();
      input.setAttribute("aria-valuetext", `${write(made[name])} ${unit[name]}`.trim());
    }
    return made;
  };
  let running = false, wanted = null;
  const paint = (found) => {
    for (const name of ["p_open", "p_harm"]) {
      const box = out(name);
      box.querySelector("strong").textContent = found.shown[name];
      box.querySelector("small").textContent = found.shown[`${name}_range`];
      box.className = `chance ${found.kinds[name]}`;
    }
    out("words").textContent = found.words;
    out("basis").textContent = found.notes.join(" ");
    if (found.picture) { out("picture").innerHTML = found.picture; out("caption").textContent = found.caption; }
    document.querySelector("#live-plan").classList.remove("busy");
    for (const name of Object.keys(unit)) { const field = document.querySelector(`#decide-form input[name="instead_${name}"]`); if (field) field.value = found.settings[name]; }
  };
  const ask = async () => {
    if (running) { wanted = true; return; }
    running = true;
    document.querySelector("#live-plan").classList.add("busy");
    try { paint(await milia().fetch(source, { method: "POST", body: chosen() })); }
    catch (problem) { out("words").textContent = [problem.title, problem.accepted].filter(Boolean).join(" · "); }
    running = false;
    if (wanted) { wanted = null; ask(); } else document.querySelector("#live-plan").classList.remove("busy");
  };
  form.addEventListener("input", () => { chosen(); ask(); });
  chosen();
  ask();
}

// Photographs: drag and drop, and two pictures on top of each other.
function dropZone(form) {
  const input = form.querySelector('input[type="file"]');
  for (const name of ["dragenter", "dragover"]) form.addEventListener(name, (event) => { event.preventDefault(); form.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) form.addEventListener(name, () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => { event.preventDefault(); input.files = event.dataTransfer.files; form.requestSubmit(); });
  input.addEventListener("change", () => { if (input.files.length) form.requestSubmit(); });
}
function ghost(slider) {
  const top = document.querySelector(".compare .over");
  const set = () => { top.style.opacity = slider.value / 100; };
  slider.addEventListener("input", set);
  set();
}

// Treatment: only a laser fires.
function fired(form) {
  const box = document.getElementById("fired");
  const show = () => { box.hidden = form.elements.action.value !== "laser"; };
  form.addEventListener("change", show);
  form.addEventListener("milia:restored", show);
  show();
}
// Documents follow the chosen language; two pictures follow what is chosen.
function careDocuments(form) {
  form.addEventListener("change", () => all("[data-document]", form).forEach((link) => { link.href = `${form.dataset.base}${link.dataset.document}?tag=${encodeURIComponent(form.elements.tag.value)}`; }));
}
const pickTwo = (form) => form.addEventListener("change", () => form.submit());

const start = (selector, work) => all(selector).forEach(work);
const begin = () => {
  document.querySelector(".steps [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  start("#facemap", faceMap);
  start("#findings-form", findings);
  start("[data-job]", waitFor);
  start("#dials", dials);
  start("form.drop", dropZone);
  start("#ghost", ghost);
  start("#treat-form", fired);
  start("#care-documents", careDocuments);
  start("#pick-two", pickTwo);
};
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin); else begin();

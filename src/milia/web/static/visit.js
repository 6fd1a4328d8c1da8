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
      if (number !== asked) return;
      if (response.status === 401) milia().signedOut();
      if (!response.ok) throw new Error(response.statusText);
      box.innerHTML = html;
      mark();
      box.classList.remove("busy");
    } catch {
      // What stands there belongs to findings from before: say so, and try again.
      if (number !== asked) return;
      if (!box.querySelector(".stale")) {
        const line = document.createElement("p");
        line.className = "note warn stale";
        line.textContent = milia().say("Not up to date: Milia does not answer.", "최신이 아닙니다. Milia가 응답하지 않습니다.");
        box.prepend(line);
      }
      setTimeout(() => { if (number === asked) answer(); }, 3000);
    }
  };
  const soon = later(200, answer);
  form.addEventListener("input", soon);
  form.addEventListener("milia:restored", answer);
  // A milium is what is offered to sign, except where a red flag stands and nobody typed a diagnosis.
  const offered = form.elements.condition;
  let own = !offered || !("follow" in offered.dataset);
  offered?.addEventListener("input", () => { own = true; });
  form.addEventListener("milia:restored", () => { own = own || !["", "milium"].includes(offered.value); });
  const mark = () => {
    if (!own) offered.value = box.querySelector(".flag") ? "" : "milium";
    const question = box.querySelector(".question");
    const key = question?.dataset.key.replace("course.", "");
    all("[data-finding]", form).forEach((each) => each.classList.toggle("asked", each.dataset.finding === key));
    const line = document.getElementById("diff-line"), first = box.querySelector(".diff-name");
    if (line && first) line.textContent = [box.querySelector("h2 .pill")?.textContent, `${first.firstChild.textContent} ${box.querySelector(".diff-share").textContent}`].filter(Boolean).join(" · ");
    if (line) line.classList.toggle("bad", !!box.querySelector(".flag"));
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
    try { job = await milia().fetch(`/api/v1/jobs/${box.dataset.job}`); } catch (problem) {
      // Signed out, or the job is gone: the page itself knows what to do now.
      if ([401, 404].includes(problem.status)) { location.reload(); return; }
      job = null;
    }
    box.querySelector(".away").hidden = !!job;
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
  // One question at a time; what stands there is pale until it belongs to the dials as they are.
  let running = false, now = {}, shown = "";
  const live = document.getElementById("live-plan");
  const fields = (settings) => {
    for (const name of Object.keys(unit)) { const field = document.querySelector(`#decide-form input[name="instead_${name}"]`); if (field) field.value = settings[name]; }
    const line = document.getElementById("instead-setting");
    if (line) line.textContent = Object.keys(unit).map((name) => form.querySelector(`output[for="dial-${name}"]`).textContent).join(" · ");
  };
  const nothing = (text) => {
    for (const name of ["p_open", "p_harm"]) { out(name).querySelector("strong").textContent = "…"; out(name).querySelector("small").textContent = ""; out(name).className = "chance"; }
    out("words").textContent = text;
    out("picture").replaceChildren();
    out("caption").textContent = out("basis").textContent = "";
  };
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
  };
  const ask = async () => {
    now = chosen();
    fields(now);
    live.classList.toggle("busy", JSON.stringify(now) !== shown);
    if (running) return;
    running = true;
    while (JSON.stringify(now) !== shown) {
      const asked = JSON.stringify(now);
      try { paint(await milia().fetch(source, { method: "POST", body: now })); }
      catch (problem) {
        // An answer for other settings would be worse than none.
        nothing([problem.title, problem.accepted].filter(Boolean).join(" · ") || milia().away());
        if (problem.status === 401) milia().signedOut();
        else if (!(problem.status < 500)) setTimeout(() => { if (shown === asked) { shown = ""; ask(); } }, 3000);
      }
      shown = asked;
    }
    running = false;
    live.classList.remove("busy");
  };
  form.addEventListener("input", ask);
  // Going back, a browser puts the dials where they were left.
  window.addEventListener("pageshow", ask);
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
  const box = document.getElementById("overlay"), top = box.querySelector(".over"), size = document.getElementById("ghost-size");
  let x = 0, y = 0, held = null;
  const set = () => {
    top.style.opacity = slider.value / 100;
    top.style.transform = `translate(${x}px, ${y}px) scale(${size.value / 100})`;
  };
  for (const input of [slider, size]) input.addEventListener("input", set);
  box.addEventListener("pointerdown", (event) => { held = { x: event.clientX - x, y: event.clientY - y }; box.setPointerCapture(event.pointerId); });
  box.addEventListener("pointermove", (event) => { if (held) { x = event.clientX - held.x; y = event.clientY - held.y; set(); } });
  for (const name of ["pointerup", "pointercancel"]) box.addEventListener(name, () => { held = null; });
  box.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    x += step[0] * (event.shiftKey ? 10 : 2);
    y += step[1] * (event.shiftKey ? 10 : 2);
    set();
  });
  document.getElementById("ghost-reset").addEventListener("click", () => { x = y = 0; size.value = 100; slider.value = 50; set(); });
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

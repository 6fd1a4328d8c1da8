// Picking lesions for a session: a tap on a pin ticks or clears its line in the list, and shows which are picked.
const form = document.getElementById("session-form");
const pins = [...document.querySelectorAll("[data-pick]")];
const box = (pin) => form.querySelector(`input[name=lesion][value="${CSS.escape(pin.dataset.pick)}"]`);
const show = () => pins.forEach((pin) => {
  const picked = box(pin).checked;
  pin.dataset.picked = picked ? "yes" : "no";
  pin.setAttribute("aria-pressed", String(picked));
});
if (form) {
  pins.forEach((pin) => {
    pin.setAttribute("role", "button");
    const toggle = (event) => {
      event.preventDefault();
      const input = box(pin);
      input.checked = !input.checked;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      show();
    };
    pin.addEventListener("click", toggle);
    pin.addEventListener("keydown", (event) => { if (event.key === " ") toggle(event); });
  });
  form.addEventListener("input", show);
  form.addEventListener("milia:restored", show);
  show();
}

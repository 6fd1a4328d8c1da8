"use strict";
// Search over this language's passages, in the browser and without a network.
// Terms and warning signs are read as src/milia/learn reads them; tests compare the two.
(function () {
  var RUN = /[\u3400-\u4dbf\u4e00-\u9fff\u3005]+|[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]+|[\u30a1-\u30ff]+|[\u3041-\u309f]+|[^\s\u1100-\u11ff\u3005\u3041-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]+/g;
  var HIRAGANA = /^[\u3041-\u309f]+$/;
  var ASIAN = /[\u1100-\u11ff\u3005\u3041-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]/;

  function normalised(text) {
    return text.normalize("NFKC").toLowerCase().replace(/\p{Cf}/gu, "").replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  }

  var same = new Map(miliaData.same), drop = new Set(miliaData.drop);
  var sameWords = alternation(miliaData.same.map(function (pair) { return pair[0]; }));
  var dropWords = alternation(miliaData.drop);

  function alternation(words) {
    return new RegExp(words.map(function (word) { return word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"); }).join("|"), "g");
  }

  function english(plain) {
    var said = " " + plain + " ";
    miliaData.same.forEach(function (pair) {
      if (pair[0].indexOf(" ") >= 0) said = said.split(" " + pair[0] + " ").join(" " + pair[1] + " ");
    });
    return said.split(" ").map(function (word) { return same.get(word) || word; }).join(" ").split(" ")
      .filter(function (word) { return word && !drop.has(word); });
  }

  function terms(text) {
    var plain = normalised(text);
    if (miliaData.tag === "en") return english(plain);
    if (miliaData.tag === "zh-Hans") plain = simplified(plain);
    plain = plain.replace(sameWords, function (word) { return " " + same.get(word) + " "; }).replace(dropWords, " ");
    var found = [];
    (plain.match(RUN) || []).forEach(function (run) {
      if (!ASIAN.test(run)) { found.push(run); return; }
      if (run.length === 1) { if (!HIRAGANA.test(run)) found.push(run); return; }
      for (var i = 0; i + 1 < run.length; i += 1) found.push(run.slice(i, i + 2));
    });
    return found;
  }

  function simplified(text) {
    return Array.from(text, function (sign) { return miliaData.simplified[sign] || sign; }).join("");
  }

  function alarms(question) {
    var plain = normalised(question);
    return miliaData.signs.filter(function (sign) {
      return sign.rules.some(function (rule) {
        var text = rule.tag === "en" ? " " + plain + " " : plain.replace(/ /g, "");
        if (rule.tag === "zh-Hans") text = simplified(text);
        rule.except.forEach(function (one) { text = text.replace(new RegExp(one, "g"), " "); });
        return rule.any.some(function (parts) {
          return parts.every(function (part) { return new RegExp(part).test(text); });
        });
      });
    });
  }

  function make(tag, text, parent, name) {
    var element = document.createElement(tag);
    if (text) element.textContent = text;
    if (name) element.className = name;
    parent.appendChild(element);
    return element;
  }

  var index = new MiniSearch({
    fields: ["ask", "title", "text"],
    idField: "n",
    tokenize: terms,
    processTerm: function (term) { return term; }
  });
  index.addAll(miliaData.passages);

  function latin(term) { return !ASIAN.test(term); }

  function search(question) {
    return index.search(question, {
      boost: { ask: 3, title: 2 },
      prefix: function (term) { return latin(term) && term.length > 3; },
      fuzzy: function (term) { return latin(term) && term.length > 4 ? 0.2 : false; }
    }).slice(0, 12);
  }

  function show(question) {
    var list = document.getElementById("found"), alarm = document.getElementById("alarm");
    var box = document.getElementById("q"), count = document.getElementById("count");
    list.textContent = "";
    alarm.textContent = "";
    count.textContent = "";
    var named = question.trim() ? alarms(question) : [];
    alarm.hidden = named.length === 0;
    named.slice(0, 3).forEach(function (sign) {
      make("strong", box.dataset.warning + ": " + sign.sign, alarm);
      make("p", sign.action + (miliaData.phone ? " " + miliaData.phone : ""), alarm);
    });
    if (!question.trim()) return;
    var hits = search(question);
    if (hits.length === 0) count.textContent = box.dataset.nothing;
    hits.forEach(function (hit) {
      var passage = miliaData.passages[hit.id], item = make("li", "", list);
      var link = make("a", passage.title, item);
      link.href = passage.address;
      make("span", passage.article, item, "where");
      var text = passage.text.replace(/\n-? ?/g, " · ").replace(/^- /, "");
      make("p", text.length > 180 ? text.slice(0, 180) + "…" : text, item);
    });
  }

  window.miliaTerms = terms;
  window.miliaAlarms = alarms;
  document.addEventListener("DOMContentLoaded", function () {
    var box = document.getElementById("q");
    box.value = new URLSearchParams(location.search).get("q") || "";
    box.addEventListener("input", function () { show(box.value); });
    document.querySelector(".search-form").addEventListener("submit", function (event) {
      event.preventDefault();
      show(box.value);
    });
    show(box.value);
    if (!box.value) box.focus();
  });
})();

"use strict";
// The one script: the budget's figure follows its slider. Every page works without it.
for (const output of document.querySelectorAll("output[data-of]")) {
  const slider = document.getElementById(output.dataset.of);
  if (!slider) continue;
  const options = { maximumFractionDigits: 0 };
  if (/^[A-Z]{3}$/.test(output.dataset.currency)) {
    options.style = "currency";
    options.currency = output.dataset.currency;
  }
  const money = new Intl.NumberFormat(document.documentElement.lang, options);
  slider.addEventListener("input", () => {
    output.textContent = money.format(slider.value);
  });
}

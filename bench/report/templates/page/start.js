// Start: tables, charts, copy buttons, and where in the page the address leads.

function copies(button, code) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code); // where a page from disk may not write, the reader's own copy key does
      button.textContent = "Selected: press Ctrl+C";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2500);
  });
}

document.querySelectorAll("table[data-sortable]").forEach(interactive);
for (const button of document.querySelectorAll(".copy")) copies(button, button.parentElement.querySelector("code"));
const numbers = JSON.parse(document.getElementById("charts").textContent);
if (numbers.rates) for (const draw of [rates, confusion, reliability, curves, timing]) draw(numbers); // a summary has no charts
if (address.asked()) address.scroll();

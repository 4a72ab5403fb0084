// One click on a demo person fills the form in and sends it.

import "./toasts.js";

const form = document.getElementById("login");

for (const choice of document.querySelectorAll("[data-email]")) {
  choice.addEventListener("click", () => {
    form.elements.username.value = choice.dataset.email;
    form.elements.password.value = choice.dataset.password;
    form.requestSubmit();
  });
}

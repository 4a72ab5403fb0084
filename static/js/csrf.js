// The token that Django wants with everything that changes something.

const token = document.querySelector('meta[name="csrf-token"]').content;

export const csrfHeader = { "X-CSRFToken": token };

document.addEventListener("htmx:configRequest", ({ detail }) => Object.assign(detail.headers, csrfHeader));

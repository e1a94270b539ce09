// Shows the API's document with Swagger UI. Nothing leaves the page but what the reader sends to this API.

// Swagger UI has dark colours, but doesn't ask for the reader's wish by itself.
const dark = matchMedia("(prefers-color-scheme: dark)");
const colour = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", colour);
colour();

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  // Without this the document's address would go to a validator elsewhere.
  validatorUrl: null,
  // A link to this page must not be able to show another document in it.
  queryConfigEnabled: false,
  // A token is gone when the page is.
  persistAuthorization: false,
  displayRequestDuration: true,
});

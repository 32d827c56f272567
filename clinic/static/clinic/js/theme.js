// Sets paper or dim before the first paint: the person's choice on this device, else
// the system's. Loaded without `defer` for that reason; everything else is a module.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => localStorage.getItem("theme");
  const apply = () => {
    document.documentElement.dataset.theme =
      chosen() ?? (system.matches ? "dim" : "paper");
  };
  apply();
  system.addEventListener("change", apply);
  addEventListener("storage", apply);
  if (localStorage.getItem("keys") === "off") {
    document.documentElement.dataset.keys = "off";
  }
})();

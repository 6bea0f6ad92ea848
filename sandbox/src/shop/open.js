// Moves the secret of an access link from the address into the form, so that it leaves the address bar and the history.

function take() {
  if (!location.hash) return;
  document.getElementById("token").value = location.hash.slice(1);
  document.getElementById("open").disabled = false;
  history.replaceState(null, "", location.pathname);
}

take();
// A second link in the same tab does not load the page again.
addEventListener("hashchange", take);

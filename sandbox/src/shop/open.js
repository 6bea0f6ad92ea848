// Moves the secret of an access link from the address into the form, so that it leaves the address bar and the
// history. Without a secret the link is incomplete.

function take() {
  const secret = location.hash.slice(1);
  if (secret) {
    document.getElementById("token").value = secret;
    history.replaceState(null, "", location.pathname);
  }
  const complete = document.getElementById("token").value !== "";
  document.getElementById("open").disabled = !complete;
  document.getElementById("incomplete").hidden = complete;
}

take();
// A second link in the same tab does not load the page again.
addEventListener("hashchange", take);

// Moves the token of an access link from the address into the form. It never submits the form,
// because scanners of links run scripts too. Without a token the link is incomplete.
function take() {
  const token = document.getElementById("token");
  if (location.hash.length > 1) {
    token.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
  }
  const complete = token.value !== "";
  document.getElementById("open").disabled = !complete;
  document.getElementById("incomplete").hidden = complete;
}

take();
// A second link in the same tab changes only the part behind "#", and does not load the page again.
addEventListener("hashchange", take);

// Moves the token of an access link from the address into the form. It never submits the form,
// because scanners of links run scripts too.
function take() {
  if (location.hash.length > 1) {
    document.getElementById("token").value = location.hash.slice(1);
    document.getElementById("open").disabled = false;
    history.replaceState(null, "", location.pathname);
  }
}

take();
// A second link in the same tab changes only the part behind "#", and does not load the page again.
addEventListener("hashchange", take);

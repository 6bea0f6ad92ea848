"""Example: a company's web redeems the access links of Support Desk. README.md explains each step.

A WSGI application that needs boto3 only. `python3 redeem.py` listens on 127.0.0.1:8000, behind the
proxy with TLS. Settings: ORIGIN, such as https://app.example.com, and optionally EVENTS_QUEUE_URL.
"""
import html, json, os, pathlib, secrets, threading, time
from http.cookies import SimpleCookie
from urllib.parse import parse_qs
from wsgiref.simple_server import make_server

import boto3
from botocore.config import Config

HERE = pathlib.Path(__file__).parent
LIFE = 30 * 60  # Seconds of a support sign-in.
ALIVE_FOR = 15  # Seconds for which an answer of `alive` counts.
COOKIE = "__Host-support"
PAGES = {"store": "/store", "web": "/home", "app": "/home", "successor": "/succession"}
POLICY = "default-src 'none'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
HEADERS = [("Content-Security-Policy", POLICY), ("Cache-Control", "no-store"), ("X-Robots-Tag", "noindex"),
           ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin"),
           ("Strict-Transport-Security", "max-age=31536000")]
# One attempt, because a repeated call would find the link spent.
LAMBDA = boto3.client("lambda", config=Config(read_timeout=12, retries={"total_max_attempts": 1}))
SIGN_INS = {}  # By cookie. With several processes, use the session store of your web.


def is_allowed(customer_id, ecosystem_id, target):
    """Replace: ask your own database if the customer is active and has the role for this target."""
    return False


def call(**request):
    """Calls cs-redeem. None: it refused. An exception: the result is unknown."""
    answer = LAMBDA.invoke(FunctionName="cs-redeem:live", Payload=json.dumps({"v": 2, **request}))
    if "FunctionError" in answer:
        raise RuntimeError("cs-redeem failed")
    reply = json.load(answer["Payload"])
    return reply if reply.get("ok") is True else None


def redeem(environ, respond):
    if environ.get("HTTP_ORIGIN") != os.environ["ORIGIN"]:
        return respond("403 Forbidden", "Only the page with the button can send this form.")
    length = environ.get("CONTENT_LENGTH") or "0"
    body = environ["wsgi.input"].read(min(int(length), 2048)) if length.isdecimal() else b""
    token = parse_qs(body.decode("latin-1")).get("token", [""])[0]
    is_token = token.isascii() and token.isprintable() and len(token) <= 400
    link = call(op="redeem", token=token) if is_token else None
    if link is None:
        return respond("410 Gone", "This link does not work. Ask the agent for a new one.")
    if not is_allowed(link["customer_id"], link["ecosystem_id"], link["target"]):
        return respond("410 Gone", "This access is not allowed. Ask the agent to look again.")
    # The sign-in of the customer is marked as one of support, with the session and the agent.
    cookie, until = secrets.token_urlsafe(32), time.time() + LIFE
    SIGN_INS[cookie] = {**link, "until": until, "asked_at": 0}
    print("support sign-in", json.dumps(link), flush=True)  # To your audit log.
    flags = f"Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={LIFE}"
    return respond("303 See Other", "", ("Location", PAGES[link["target"]]), ("Set-Cookie", f"{COOKIE}={cookie}; {flags}"))


def find_sign_in(environ):
    """Returns the support sign-in of the browser. None: there is none, or it has ended."""
    morsel = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(COOKIE)
    sign_in, now = SIGN_INS.get(morsel.value) if morsel else None, time.time()
    if sign_in and now >= sign_in["asked_at"] + ALIVE_FOR:
        reply = call(op="alive", session_id=sign_in["session_id"])
        sign_in["asked_at"] = now
        if reply is None or not reply["alive"]:
            end_session(sign_in["session_id"])
            return None
    return sign_in if sign_in and now < sign_in["until"] else None


def show(environ, respond):
    link = find_sign_in(environ)
    if link is None or not is_allowed(link["customer_id"], link["ecosystem_id"], link["target"]):
        return respond("410 Gone", "This sign-in has ended. Ask the agent for a new link.")
    if environ["PATH_INFO"] != PAGES[link["target"]]:  # A sign-in opens its own target only.
        return respond("303 See Other", "", ("Location", PAGES[link["target"]]))
    return respond("200 OK", f"Support sign-in by {link['agent']['name']}.")


def end_session(session_id):
    for cookie in [c for c, sign_in in list(SIGN_INS.items()) if sign_in["session_id"] == session_id]:
        SIGN_INS.pop(cookie, None)


def receive_ends(queue):
    """Ends the sign-ins of each session whose event SupportSessionEnded arrives in the queue."""
    sqs = boto3.client("sqs")
    while True:
        try:
            found = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20, MaxNumberOfMessages=10)
            for message in found.get("Messages", []):
                end_session(json.loads(message["Body"])["detail"]["session_id"])
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        except Exception as error:  # `alive` still ends the sign-ins.
            print("queue failed:", type(error).__name__, flush=True)
            time.sleep(5)


def application(environ, start_response):
    def respond(status, text, *headers):
        start_response(status, [*HEADERS, ("Content-Type", "text/html; charset=utf-8"), *headers])
        return [f"<!doctype html><title>Support access</title><p>{html.escape(text)}".encode()]

    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    files = {"/support": ("support.html", "text/html"), "/support.js": ("support.js", "text/javascript")}
    try:
        if method == "GET" and path in files:
            name, content_type = files[path]
            start_response("200 OK", [*HEADERS, ("Content-Type", f"{content_type}; charset=utf-8")])
            return [(HERE / name).read_bytes()]
        if method == "POST" and path == "/support":
            return redeem(environ, respond)
        if method == "GET" and path in PAGES.values():
            return show(environ, respond)
        return respond("404 Not Found", "There is no such page.")
    except Exception as error:  # Without an answer there is no sign-in and no page.
        print("support page failed:", type(error).__name__, flush=True)
        return respond("503 Service Unavailable", "Try again in a minute.")


if "EVENTS_QUEUE_URL" in os.environ:
    threading.Thread(target=receive_ends, args=[os.environ["EVENTS_QUEUE_URL"]], daemon=True).start()
if __name__ == "__main__":
    make_server("127.0.0.1", 8000, application).serve_forever()

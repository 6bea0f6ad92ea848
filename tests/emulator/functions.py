"""Stand-ins for the company's functions, run by the emulator: each is the same code, told by HOW what to do."""

import os
import pathlib
import time


def handler(event, context):
    how = os.environ["HOW"]
    if how == "fails":
        raise RuntimeError("internal detail that nobody may see")
    if how == "hangs":
        # Whoever waits for this call finds out that it came.
        pathlib.Path(os.environ["MARKS"], event["actor"]["agent_id"]).touch()
        # Not longer than the emulator is there.
        emulator = os.getppid()
        while os.getppid() == emulator:
            time.sleep(0.2)
    if how == "garbage":
        return "<html>not the answer you wanted"
    if how.isupper():
        return {"ok": False, "error": {"code": how, "retry_after_s": 90}}
    missing = {"v", "request_id", "session_id", "actor", "locale"} - event.keys()
    if missing or not isinstance(event["actor"]["discord_id"], str):
        return {"ok": False, "error": {"code": "BAD_REQUEST"}}
    in_ten_minutes = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 600))
    if "op" in event:
        if event["op"] == "revoke":
            return {"ok": True, "revoked": 2}
        if event["op"] == "status":
            return {"ok": True, "state": "delivered", "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        url = "https://shop.example.com/enter?token=" + event["target"]
        return {"ok": True, "url": url, "link_id": "l-1", "expires_at": in_ten_minutes}
    if "template" in event:
        return {"ok": True, "destination": "a***@w***.example", "message_id": "m-1"}
    if "code" in event:
        if event["code"] == "424242":
            return {"ok": True, "result": "verified", "proof": "p-" + event["purpose"]}
        return {"ok": True, "result": "mismatch", "attempts_left": 4}
    return {"ok": True, "challenge_id": "c-1", "destination": "julia@example.com", "expires_at": in_ten_minutes, "resend_after_s": 60}

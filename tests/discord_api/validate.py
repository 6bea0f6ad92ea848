"""Validates the bodies that the bot sent in the tests against Discord's API description.

    python validate.py DESCRIPTION FOLDER

DESCRIPTION is Discord's OpenAPI file. FOLDER holds files with one body a line, as the tests write
them. Prints each invalid body. Fails if there is one, or if a call has no body.
"""

import json
import pathlib
import sys

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry
from referencing.jsonschema import DRAFT202012

# The call of a body, as the sandbox names it: path and method.
CALLS = {
    "callback": ("/interactions/{interaction_id}/{interaction_token}/callback", "post"),
    "follow-up": ("/webhooks/{webhook_id}/{webhook_token}", "post"),
    "edit": ("/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}", "patch"),
    "message": ("/channels/{channel_id}/messages", "post"),
    "commands": ("/applications/{application_id}/guilds/{guild_id}/commands", "put"),
}

DESCRIPTION = "urn:description"


def validators(description):
    """Returns a validator for each call."""
    registry = Registry().with_resource(DESCRIPTION, DRAFT202012.create_resource(description))
    found = {}
    for call, (path, method) in CALLS.items():
        pointer = ["paths", path, method, "requestBody", "content", "application/json", "schema"]
        escaped = "/".join(part.replace("~", "~0").replace("/", "~1") for part in pointer)
        found[call] = Draft202012Validator({"$ref": f"{DESCRIPTION}#/{escaped}"}, registry=registry)
    return found


def prepared(call, body):
    """Returns a body as the description wants it.

    It types permissions as a number and ids of new files as a string. Discord's documentation shows
    both the other way, as libraries send them.
    """
    if call == "commands":
        for command in body:
            permissions = command.get("default_member_permissions")
            if isinstance(permissions, str) and permissions.isdigit():
                command["default_member_permissions"] = int(permissions)
    message = (body.get("data") or body) if isinstance(body, dict) else {}
    for file in message.get("attachments") or []:
        file["id"] = str(file["id"])
    return body


def shape(value):
    """Returns what decides whether a value is valid. Most bodies differ in their texts only."""
    if isinstance(value, dict):
        return tuple((key, shape(inner)) for key, inner in sorted(value.items()))
    if isinstance(value, list):
        return tuple(shape(inner) for inner in value)
    if isinstance(value, str):
        return len(value), value.isdigit(), value.split(":", 1)[0][:6]
    return value


def main(description, folder):
    by_call = validators(json.loads(pathlib.Path(description).read_text(encoding="utf-8")))
    seen = {call: set() for call in CALLS}
    count = invalid = 0
    for file in sorted(pathlib.Path(folder).glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            sent = json.loads(line)
            call, body = sent["call"], prepared(sent["call"], sent["body"])
            count += 1
            if shape(body) in seen[call]:
                continue
            seen[call].add(shape(body))
            error = best_match(by_call[call].iter_errors(body))
            if error is not None:
                invalid += 1
                print(f"{call}: {error.json_path}: {error.message[:500]}", file=sys.stderr)
    missing = [call for call, shapes in seen.items() if not shapes]
    if missing:
        print(f"no test has sent: {', '.join(missing)}", file=sys.stderr)
    print(f"{count} bodies, {sum(map(len, seen.values()))} shapes, {invalid} invalid")
    return 1 if invalid or missing else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

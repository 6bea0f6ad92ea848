"""Starts the emulator on loopback, puts there what tests share, prints its address, and serves until its input ends.

The address carries the credentials of somebody who may do nothing; whoever is called test, with the password test, may do everything.
What follows its # is the folder where functions that never answer leave a mark for each call.
"""

import io
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile

import botocore.session

REGION = "eu-west-1"
# Behaviours of the functions in functions.py; throttled and short are the service's own.
HOWS = ["well", "fails", "hangs", "garbage", "RATE_LIMITED", "NOT_FOUND", "DELIVERY_FAILED", "PROOF_INVALID", "UNAVAILABLE"]


def start(folder):
    # Somebody may take the port between looking and listening: then another one.
    for _ in range(8):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "TMPDIR": folder,
            "GATEWAY_PORT": str(port),
            # Without both it listens to the whole network.
            "BIND_HOST": "127.0.0.1",
            "IOT_MTLS_ENABLED": "0",
            "MINISTACK_HOST": "127.0.0.1",
            "SFTP_ENABLED": "0",
            "AUTH": "true",
            "STATE_DIR": folder + "/state",
            "MINISTACK_REGION": REGION,
            # A function on `provided.al2023` finds the emulator only by this.
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            # It clears away containers where it finds Docker; nothing here needs one.
            "DOCKER_HOST": "unix:///nowhere",
        }
        log = open(folder + "/log", "wb")
        program = pathlib.Path(sys.executable).parent / "ministack"
        child = subprocess.Popen([program], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, start_new_session=True)
        try:
            for _ in range(600):
                if child.poll() is not None:
                    break
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/_ministack/health", timeout=2)
                    return child, port
                except OSError:
                    time.sleep(0.1)
        except BaseException:
            # Told to stop while it starts.
            stop(child)
            raise
        stop(child)
    sys.exit("the emulator does not start:\n" + open(folder + "/log", errors="replace").read())


def stop(child):
    child.terminate()
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        pass
    # It may have left behind what ran its functions.
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    child.wait()


def furnish(url, marks):
    session = botocore.session.Session()
    session.set_credentials("test", "test")
    client = lambda service: session.create_client(service, region_name=REGION, endpoint_url=url)
    iam, functions = client("iam"), client("lambda")
    trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
    role = iam.create_role(RoleName="functions", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(pathlib.Path(__file__).with_name("functions.py"), "functions.py")
    for name, how, timeout in [(f"cs-{how.lower()}", how, 30) for how in HOWS] + [("cs-short", "hangs", 1), ("cs-throttled", "well", 30)]:
        functions.create_function(
            FunctionName=name,
            Runtime="python3.%d" % sys.version_info.minor,
            Role=role,
            Handler="functions.handler",
            Code={"ZipFile": archive.getvalue()},
            Environment={"Variables": {"HOW": how, "MARKS": marks}},
            Timeout=timeout,
        )
    functions.put_function_concurrency(FunctionName="cs-throttled", ReservedConcurrentExecutions=0)
    return key["AccessKeyId"], key["SecretAccessKey"]


def main():
    with tempfile.TemporaryDirectory(prefix="support-desk-emulator.") as folder:
        child, port = start(folder)
        try:
            marks = folder + "/marks"
            os.mkdir(marks)
            name, password = furnish(f"http://127.0.0.1:{port}", marks)
            print(f"http://{name}:{password.replace('/', '%2F').replace('+', '%2B')}@127.0.0.1:{port}#{marks}", flush=True)
            sys.stdin.read()
        finally:
            stop(child)


for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(sign, lambda *_: sys.exit(0))
main()

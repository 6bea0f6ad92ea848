"""Deploys deploy/aws/template.yaml to the emulator and changes what the test asks for.

    SUPPORT_DESK_TEST_AWS=URL python stack.py

Reads one JSON object a line, {"do": NAME, ...}, and answers with one. Ends with its input. The stack stays, because the
emulator ends with the tests.
"""

import hashlib
import json
import os
import pathlib
import sys
import time
import urllib.parse
import uuid

import botocore.session

REGION = "eu-west-1"
STACK = "support-desk"
SENDER = "support@desk.example"
DOMAIN = "desk.example"
GROUP = "CustomerService"
LEAD_GROUP = "CustomerServiceLeads"
TEMPLATE = pathlib.Path(__file__).parents[2] / "deploy/aws/template.yaml"
# The paths in the template that `aws cloudformation package` replaces.
ZIP = "../../target/lambda/bootstrap.zip"
# Lambda itself needs these, in the emulator it does without: nothing can show that they are needed.
UNPROVABLE = ("logs:", "ec2:")
# The policies that the template attaches to the roles of the functions.
INLINE = [(role, "function") for role in ("OtpSendRole", "OtpVerifyRole", "AccessRole", "MessageRole", "RedeemRole", "DeliveryRole")]
INLINE += [("OtpSendRole", "directory"), ("MessageRole", "directory")]

url = urllib.parse.urlsplit(os.environ["SUPPORT_DESK_TEST_AWS"])
endpoint = f"http://{url.hostname}:{url.port}"
session = botocore.session.Session()
session.set_credentials("test", "test")
clients = {}


def aws(service):
    if service not in clients:
        clients[service] = session.create_client(service, region_name=REGION, endpoint_url=endpoint)
    return clients[service]


def create_pool(staff):
    pools = aws("cognito-idp")
    pool = pools.create_user_pool(PoolName="backoffice", AliasAttributes=["email"])["UserPool"]["Id"]
    # An app client that may write everything is a warning of `check`.
    app = pools.create_user_pool_client(UserPoolId=pool, ClientName="recovery", WriteAttributes=["locale"])["UserPoolClient"]["ClientId"]
    for group in (GROUP, LEAD_GROUP):
        pools.create_group(UserPoolId=pool, GroupName=group)
    subs = {}
    for person in staff:
        attributes = [{"Name": name, "Value": value} for name, value in person["attributes"].items()]
        created = pools.admin_create_user(UserPoolId=pool, Username=person["username"], UserAttributes=attributes, MessageAction="SUPPRESS")
        pools.admin_set_user_password(UserPoolId=pool, Username=person["username"], Password=person["password"], Permanent=True)
        pools.admin_add_user_to_group(UserPoolId=pool, Username=person["username"], GroupName=GROUP)
        subs[person["username"]] = next(a["Value"] for a in created["User"]["Attributes"] if a["Name"] == "sub")
    return pool, app, subs


def resources():
    listed = aws("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
    return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in listed}


def deploy(zip, core, staff):
    pool, app, subs = create_pool(staff)
    secret = aws("secretsmanager").create_secret(Name=f"core-{uuid.uuid4()}", SecretString=core)["ARN"]
    archive = pathlib.Path(zip).read_bytes()
    key = f"{uuid.uuid4()}/{hashlib.sha256(archive).hexdigest()}"
    aws("s3").create_bucket(Bucket="artifacts", CreateBucketConfiguration={"LocationConstraint": REGION})
    aws("s3").put_object(Bucket="artifacts", Key=key, Body=archive)
    parameters = {
        "UserPoolId": pool, "Company": "Waizant", "MailFrom": SENDER, "MailIdentity": DOMAIN, "LinkHost": "www.desk.example",
        "LinkAppScheme": "waizant", "ReportHost": "desk.example", "Directory": "core", "CoreDatabaseSecretArn": secret, "SubnetIds": "subnet-1", "SecurityGroupIds": "sg-1",
    }
    aws("cloudformation").create_stack(
        StackName=STACK,
        TemplateBody=TEMPLATE.read_text().replace(ZIP, f"s3://artifacts/{key}"),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    while True:
        stack = aws("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            break
        time.sleep(0.05)
    if stack["StackStatus"] != "CREATE_COMPLETE":
        raise RuntimeError(f"{stack['StackStatus']}: {stack.get('StackStatusReason')}")
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    allow_mail(True)
    identity(True)
    listen_to_events()
    return {
        "pool": pool, "app": app, "subs": subs, "redeem": outputs["RedeemArn"],
        "bot": create_user("bot", outputs["BotPolicyArn"]), "backend": create_user("backend", outputs["BackendPolicyArn"]),
    }


def create_user(name, policy):
    aws("iam").create_user(UserName=name)
    aws("iam").attach_user_policy(UserName=name, PolicyArn=policy)
    key = aws("iam").create_access_key(UserName=name)["AccessKey"]
    return [key["AccessKeyId"], key["SecretAccessKey"]]


def allow_mail(allowed):
    """The emulator looks for ses:SendEmail on `*`, which the template does not allow. So a policy of the test does."""
    statement = {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": "*"}
    for role in ("OtpSendRole", "MessageRole"):
        name = resources()[role]
        if allowed:
            document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            aws("iam").put_role_policy(RoleName=name, PolicyName="emulator-ses", PolicyDocument=document)
        else:
            aws("iam").delete_role_policy(RoleName=name, PolicyName="emulator-ses")


def identity(exists):
    """Without the sender's identity SES refuses every mail."""
    if exists:
        aws("sesv2").create_email_identity(EmailIdentity=DOMAIN)
    else:
        aws("sesv2").delete_email_identity(EmailIdentity=DOMAIN)


def listen_to_events():
    queue = aws("sqs").create_queue(QueueName="ended")["QueueUrl"]
    arn = aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = json.dumps({"source": ["support-desk"], "detail-type": ["SupportSessionEnded"]})
    aws("events").put_rule(Name="ended", EventPattern=pattern)
    aws("events").put_targets(Rule="ended", Targets=[{"Id": "queue", "Arn": arn}])


def ended(session_id):
    """Waits until the functions announce the end of this session."""
    queue = aws("sqs").get_queue_url(QueueName="ended")["QueueUrl"]
    until = time.monotonic() + 20
    while time.monotonic() < until:
        received = aws("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=5)
        for message in received.get("Messages", []):
            aws("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            if json.loads(message["Body"])["detail"] == {"session_id": session_id}:
                return
    raise RuntimeError(f"no event about the end of {session_id}")


def report(kind, session_id, challenge_id, detail):
    """Passes an event of SES about a mail to the rule's target, if the rule matches it. The emulator's SES reports nothing."""
    rule = aws("events").describe_rule(Name=resources()["DeliveryMail"])
    tags = {"ses:configuration-set": [resources()["Mails"]], "session": [session_id], "challenge": [challenge_id]}
    event = {
        "version": "0", "id": str(uuid.uuid4()), "detail-type": kind, "source": "aws.ses", "account": "000000000000",
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "region": REGION, "resources": [],
        "detail": {**detail, "mail": {"tags": tags}},
    }
    if not aws("events").test_event_pattern(EventPattern=rule["EventPattern"], Event=json.dumps(event))["Result"]:
        raise RuntimeError(f"the rule does not match {event}")
    (target,) = aws("events").list_targets_by_rule(Rule=rule["Name"])["Targets"]
    invoked = aws("lambda").invoke(FunctionName=target["Arn"], Payload=json.dumps(event))
    return json.loads(invoked["Payload"].read())


def actions():
    """Every allowed action that a removal can show to be needed, with the place where it is allowed."""
    found = []
    for role, policy in INLINE:
        document = aws("iam").get_role_policy(RoleName=resources()[role], PolicyName=policy)["PolicyDocument"]
        found += [[role, policy, action] for action in allowed(document)]
    for policy in ("BotPolicy", "BackendPolicy"):
        found += [[policy, None, action] for action in allowed(managed(policy)[1])]
    # The mail permission of the template has no effect in the emulator: see allow_mail.
    return [place for place in found if not place[2].startswith(UNPROVABLE) and place[2] != "ses:SendEmail"]


def allowed(document):
    statements = [s for s in document["Statement"] if s["Effect"] == "Allow"]
    for statement in statements:
        one = statement["Action"]
        yield from [one] if isinstance(one, str) else one


def managed(policy):
    arn = resources()[policy]
    version = aws("iam").get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return arn, aws("iam").get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]


removed = {}


def remove(place):
    """Takes one action out of a policy, until `restore`."""
    holder, policy, action = place
    document = managed(holder)[1] if policy is None else aws("iam").get_role_policy(RoleName=resources()[holder], PolicyName=policy)["PolicyDocument"]
    removed["place"], removed["document"] = place, json.dumps(document)
    statements = []
    for statement in document["Statement"]:
        listed = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        kept = [one for one in listed if one != action or statement["Effect"] == "Deny"]
        if kept:
            statements.append({**statement, "Action": kept})
    # IAM accepts no policy without a statement.
    statements = statements or [{"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}]
    put(place, json.dumps({**document, "Statement": statements}))
    if action.startswith("secretsmanager:"):
        replace_processes()


def replace_processes():
    """Moves the functions to new versions, because a process that runs keeps the secret that it has read."""
    functions = aws("lambda")
    for name in ("cs-otp-send", "cs-message"):
        environment = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        environment["PROCESS"] = str(uuid.uuid4())
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": environment})
        version = functions.publish_version(FunctionName=name)["Version"]
        functions.update_alias(FunctionName=name, Name="live", FunctionVersion=version)


def restore():
    put(removed["place"], removed["document"])


def put(place, document):
    holder, policy, _ = place
    if policy is not None:
        aws("iam").put_role_policy(RoleName=resources()[holder], PolicyName=policy, PolicyDocument=document)
        return
    arn = resources()[holder]
    aws("iam").create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
    # A policy has at most five versions.
    for version in aws("iam").list_policy_versions(PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            aws("iam").delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])


def dump():
    """Everything at rest: the items of the table, and the logs of the functions."""
    table = aws("dynamodb").get_paginator("scan").paginate(TableName=resources()["Sessions"])
    items = [item for page in table for item in page["Items"]]
    lines = []
    for function in ("otp-send", "otp-verify", "access", "message", "redeem", "delivery"):
        logs = aws("logs").get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/cs-{function}")
        lines += [event["message"] for page in logs for event in page["events"]]
    return {"items": json.dumps(items), "logs": "\n".join(lines)}


DOES = {one.__name__: one for one in (deploy, allow_mail, identity, ended, report, actions, remove, restore, dump)}

for line in sys.stdin:
    asked = json.loads(line)
    try:
        answer = {"done": DOES[asked.pop("do")](**asked)}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)

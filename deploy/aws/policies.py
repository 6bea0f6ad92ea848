"""Lints the template and the policies in it: python deploy/aws/policies.py [TEMPLATE]

1. cfn-lint reads the template. A finding has the file and the line.
2. cfn-lint reads the template as CloudFormation expands it, because it checks neither references
   nor values of functions in a SAM template. A finding has the path in the expanded template.
3. parliament reads the policies of roles and callers in the expanded template, once for each
   combination of directory and access links. A finding has the name of the policy.

Exit code 1 if there is a finding. Install in a virtual environment (Python 3.10 to 3.14):
pip install --no-deps --require-hashes --only-binary :all: -r deploy/aws/requirements.txt
"""

import itertools
import json
import logging
import os
import pathlib
import re
import sys
import types
import warnings

# parliament imports pkg_resources, which warns that it is deprecated.
warnings.filterwarnings("ignore", message="pkg_resources is deprecated")

import parliament
from cfnlint.api import lint, lint_file
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

# The translator looks up the region, although nothing is called.
os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")
logging.getLogger("samtranslator").setLevel(logging.ERROR)

PSEUDO = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::StackName": "support-desk",
}
PARAMETERS = {
    "UserPoolId": "eu-west-1_AbCdEfGhI",
    "Company": "Waizant",
    "MailFrom": "support@example.com",
    "MailIdentity": "example.com",
    "LinkHost": "app.example.com",
    "AccessLinksUrl": "https://links.example.com",
    "AccessLinksArns": "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/live/POST/links",
    "DirectoryUrl": "https://customers.example.com",
    "DirectoryArns": "arn:aws:execute-api:eu-west-1:123456789012:f6g7h8i9j0/live/GET/customers",
    "CoreDatabaseSecretArn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:core-AbCdEf",
    "SubnetIds": "subnet-0123456789abcdef0",
    "SecurityGroupIds": "sg-0123456789abcdef0",
}
# Name and ARN of a resource in a policy, by type. LogGroup has the suffix that CloudFormation adds.
NAMES = {
    "AWS::DynamoDB::Table": "Sessions-1ABCDEFGHIJKL",
    "AWS::KMS::Key": "1234abcd-12ab-34cd-56ef-1234567890ab",
    "AWS::SES::ConfigurationSet": "Mails-1abcdefghijk",
}
ARNS = {
    "AWS::DynamoDB::Table": "dynamodb:{region}:{account}:table/{name}",
    "AWS::KMS::Key": "kms:{region}:{account}:key/{name}",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::Logs::LogGroup": "logs:{region}:{account}:log-group:{name}:*",
}
# Accepted findings of parliament: policy, start of the finding, reason. One that does not occur is
# an error.
ACCEPTED = [
    (
        "DirectoryPolicy",
        "RESOURCE_STAR ['ec2:AssignPrivateIpAddresses', 'ec2:CreateNetworkInterface', "
        "'ec2:DeleteNetworkInterface', 'ec2:UnassignPrivateIpAddresses']",
        "AWS documents the network permissions of a function on all resources",
    ),
    (
        "DirectoryPolicy",
        "UNKNOWN_CONDITION_FOR_ACTION Unknown condition lambda:SourceFunctionArn for action ec2:",
        "Lambda adds this key to every call that the code of a function makes",
    ),
]
ABSENT = object()


def as_list(value):
    return value if isinstance(value, list) else [value]


def expand_loops(template):
    """Returns the template without Fn::ForEach, as AWS::LanguageExtensions would."""

    def put(node, name, item):
        if isinstance(node, list):
            return [put(value, name, item) for value in node]
        if not isinstance(node, dict):
            return node
        if node == {"Ref": name}:
            return item
        if "Fn::Sub" in node:
            text = node["Fn::Sub"].replace(f"${{{name}}}", item)
            return {"Fn::Sub": text} if "${" in text else text
        alphanumeric = re.sub("[^A-Za-z0-9]", "", item)
        keys = {k: k.replace(f"&{{{name}}}", alphanumeric) for k in node}
        return {keys[k]: put(value, name, item) for k, value in node.items()}

    resources = {}
    for key, value in template["Resources"].items():
        if key.startswith("Fn::ForEach::"):
            name, items, fragment = value
            for item in items:
                resources.update(put(fragment, name, item))
        else:
            resources[key] = value
    return {**template, "Resources": resources, "Transform": "AWS::Serverless-2016-10-31"}


def expand(template, parameters):
    """Returns the template as CloudFormation expands it."""
    source = json.loads(json.dumps(expand_loops(template)))
    # The translator refuses a local path, which `aws cloudformation package` replaces.
    for resource in source["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    return transform(source, parameters, types.SimpleNamespace(load=dict))


class Stack:
    """The expanded template with values in place of parameters."""

    def __init__(self, template, parameters):
        self.parameters = {}
        for name, definition in template["Parameters"].items():
            value = parameters.get(name, definition.get("Default"))
            is_list = definition["Type"] == "CommaDelimitedList"
            self.parameters[name] = value.split(",") if is_list else value
        self.conditions = template.get("Conditions", {})
        self.resources = expand(template, parameters)["Resources"]

    def policies(self):
        """Yields the name and the document of every identity policy."""
        for name, resource in self.resources.items():
            properties = resource.get("Properties", {})
            if resource["Type"] == "AWS::IAM::Role":
                for policy in properties.get("Policies", []):
                    yield f"{name}/{policy['PolicyName']}", self.resolve(policy["PolicyDocument"])
                if properties.get("ManagedPolicyArns"):
                    raise SystemExit(f"{name}: managed policies are not linted")
            elif resource["Type"] in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
                yield name, self.resolve(properties["PolicyDocument"])

    def resolve(self, node):
        if isinstance(node, list):
            return [v for v in map(self.resolve, node) if v is not ABSENT]
        if not isinstance(node, dict):
            return node
        function, argument = next(iter(node.items()), (None, None))
        if function == "Ref":
            return self.ref(argument)
        if function == "Fn::GetAtt":
            return self.attribute(*(argument.split(".") if isinstance(argument, str) else argument))
        if function == "Fn::Sub":
            return re.sub(r"\$\{([\w:.]+)\}", lambda m: self.variable(m[1]), argument)
        if function == "Fn::If":
            condition, then, otherwise = argument
            return self.resolve(then if self.resolve(self.conditions[condition]) else otherwise)
        if function == "Fn::Equals":
            return self.resolve(argument[0]) == self.resolve(argument[1])
        if function == "Fn::Not":
            return not self.resolve(argument[0])
        if function and function.startswith("Fn::"):
            raise SystemExit(f"{function} is not known to the lint of policies")
        resolved = {key: self.resolve(value) for key, value in node.items()}
        return {key: value for key, value in resolved.items() if value is not ABSENT}

    def variable(self, name):
        return self.attribute(*name.split(".")) if "." in name else self.ref(name)

    def ref(self, name):
        if name == "AWS::NoValue":
            return ABSENT
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self.parameters:
            return self.parameters[name]
        resource = self.resources[name]
        properties = resource.get("Properties", {})
        given = properties.get("FunctionName") or properties.get("LogGroupName")
        return given or NAMES[resource["Type"]]

    def attribute(self, name, attribute):
        form = ARNS[self.resources[name]["Type"]] if attribute == "Arn" else None
        if form is None:
            raise SystemExit(f"{name}.{attribute} is not known to the lint of policies")
        region, account = PSEUDO["AWS::Region"], PSEUDO["AWS::AccountId"]
        return "arn:aws:" + form.format(region=region, account=account, name=self.ref(name))


def wildcards(document):
    """Yields the wildcards of a document. parliament reports those that stand alone."""
    for statement in as_list(document["Statement"]):
        sid = statement.get("Sid")
        if statement["Effect"] == "Allow" and not {"Action", "Resource"} <= statement.keys():
            yield f"WILDCARD {sid} names what it excludes"
        for action in as_list(statement.get("Action", [])):
            if "*" in action:
                yield f"WILDCARD {sid} action {action}"
        for resource in as_list(statement.get("Resource", [])):
            # The ARN of a log group ends in :*, which stands for its streams.
            if resource != "*" and "*" in resource.removesuffix(":*"):
                yield f"WILDCARD {sid} resource {resource}"


def lint_policies(path):
    template = yaml_parse(path.read_text())
    findings = {}
    for directory, links in itertools.product(("core", "api"), ("exchange", "api")):
        case = {"Directory": directory, "AccessLinks": links}
        for name, document in Stack(template, {**PARAMETERS, **case}).policies():
            found = parliament.analyze_policy_string(json.dumps(document)).findings
            for text in [f"{f.issue} {f.detail}" for f in found] + list(wildcards(document)):
                findings.setdefault((name, text), f"Directory={directory} AccessLinks={links}")
    unused = list(ACCEPTED)
    for name, text in list(findings):
        accepted = [a for a in ACCEPTED if a[0] == name and text.startswith(a[1])]
        if accepted:
            del findings[name, text]
            unused = [a for a in unused if a not in accepted]
    for (name, text), case in findings.items():
        print(f"{path}: policy {name}: {text} ({case})")
    for name, text, _ in unused:
        print(f"{path}: policy {name}: an accepted finding does not occur: {text}")
    print(f"parliament: {len(findings) + len(unused)} findings")
    return bool(findings or unused)


def lint_template(path):
    matches = lint_file(path)
    for match in matches:
        print(f"{path}:{match.linenumber}:{match.columnnumber}: {match.rule.id} {match.message}")
    print(f"cfn-lint: {len(matches)} findings")
    return bool(matches)


def lint_expanded(path):
    expanded = expand(yaml_parse(path.read_text()), PARAMETERS)
    matches = lint(json.dumps(expanded))
    for match in matches:
        place = "/".join(str(part) for part in match.path)
        print(f"{path}: expanded: {place}: {match.rule.id} {match.message}")
    print(f"cfn-lint, expanded template: {len(matches)} findings")
    return bool(matches)


def main():
    beside = pathlib.Path(__file__).with_name("template.yaml")
    path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else beside
    # Each step needs a template in which the one before it finds nothing.
    sys.exit(lint_template(path) or lint_expanded(path) or lint_policies(path))


if __name__ == "__main__":
    main()

"""Checks deploy/template.yaml against the code that it deploys. Prints each break; exit status 1 if any.

    check_template.py TEMPLATE

Runs in the environment of tools/lint-deploy, for the sake of SAM's transformation.
"""

import json
import os
import re
import sys
from pathlib import Path

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")

from samtranslator.parser.parser import Parser  # noqa: E402
from samtranslator.translator.translator import Translator  # noqa: E402
from samtranslator.yaml_helper import yaml_parse  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
DYNAMODB_ACTIONS = {"BatchGetItem", "ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"}


def transform(template):
    """What CloudFormation gets: an exception names what SAM does not accept."""
    values = {name: parameter.get("Default", "") for name, parameter in template["Parameters"].items()}
    packaged = json.loads(json.dumps(template))
    packaged["Resources"]["Function"]["Properties"]["CodeUri"] = "s3://bucket/key"  # as `sam deploy` leaves it
    return Translator({}, Parser()).translate(packaged, values)["Resources"]


def branches(value):
    """The value in each case of its Fn::If."""
    if isinstance(value, dict) and "Fn::If" in value:
        return [leaf for case in value["Fn::If"][1:] for leaf in branches(case)]
    if isinstance(value, list):
        return [leaf for element in value for leaf in branches(element)]
    return [value]


def of_type(resources, kind):
    return {name: resource for name, resource in resources.items() if resource["Type"] == kind}


def statements(resources):
    for name, role in of_type(resources, "AWS::IAM::Role").items():
        for policy in role["Properties"].get("Policies", []):
            for statement in branches(policy["PolicyDocument"]["Statement"]):
                if "Effect" in statement:
                    yield name, statement


def check_table(resources):
    table = resources["Table"]
    properties = table["Properties"]
    wanted = json.loads((ROOT / "tests/fixtures/rust-sdk-table.json").read_text())["Table"]
    for member in ("KeySchema", "AttributeDefinitions"):
        by_name = lambda part: part["AttributeName"]  # noqa: E731
        if sorted(properties[member], key=by_name) != sorted(wanted[member], key=by_name):
            yield f"the table's {member} is not the Rust crate's"
    (index,) = properties["GlobalSecondaryIndexes"]
    (wanted_index,) = wanted["GlobalSecondaryIndexes"]
    for member in ("IndexName", "KeySchema", "Projection"):
        if index[member] != wanted_index[member]:
            yield f"the index's {member} is not the Rust crate's"
    if properties["BillingMode"] != "PAY_PER_REQUEST":
        yield "the table is not billed on demand"
    if properties["TimeToLiveSpecification"] != {"AttributeName": "ttl", "Enabled": True}:
        yield "time to live is not on ttl"
    if not properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]:
        yield "the table has no point-in-time recovery"
    if {table.get("DeletionPolicy"), table.get("UpdateReplacePolicy")} != {"Retain"}:
        yield "the table goes with the stack"


def check_permissions(resources):
    seen = set()
    for role, statement in statements(resources):
        for action in branches(statement["Action"]):
            if "*" in action:
                yield f"{role} allows {action}"
            if action.startswith("dynamodb:"):
                seen.add(action.partition(":")[2])
        for resource in branches(statement["Resource"]):
            text = resource if isinstance(resource, str) else json.dumps(resource)
            if "*" in text:
                yield f"{role} allows a resource with a *: {text}"
    if seen != DYNAMODB_ACTIONS:
        yield f"the role's DynamoDB actions differ: {sorted(seen ^ DYNAMODB_ACTIONS)}"
    if any(r.get("ManagedPolicyArns") for r in of_type(resources, "AWS::IAM::Role").values()):
        yield "a role has managed policies"


def check_times(resources):
    timeout_s = resources["Function"]["Properties"]["Timeout"]
    for name, queue in of_type(resources, "AWS::SQS::Queue").items():
        if queue["Properties"]["VisibilityTimeout"] < 6 * timeout_s:
            yield f"{name} shows a message again within 6 times the function's {timeout_s} s"
        if queue["Properties"]["MessageRetentionPeriod"] != 14 * 86400:
            yield f"{name} keeps messages for less than it could"
    if resources["DurationAlarm"]["Properties"]["Threshold"] >= timeout_s * 1000:
        yield "the alarm on the duration never comes before the time-out"
    for name, mapping in of_type(resources, "AWS::Lambda::EventSourceMapping").items():
        if mapping["Properties"].get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{name} does not report single failures: one bad record would repeat its whole batch"


def check_environment(resources):
    code = "\n".join(path.read_text() for path in sorted((ROOT / "src").rglob("*.cpp")))
    start = (ROOT / "src/function/start.cpp").read_text()
    for name in resources["Function"]["Properties"]["Environment"]["Variables"]:
        # X_SECRET_NAME names the secret whose value stands for X; the start has a list of these.
        known = name if name == "PEPPER_SECRET_NAME" else name.removesuffix("_SECRET_NAME")
        if f'"{known}"' not in (code if known == name else start):
            yield f"the function is given {name}, but nothing in src/ reads {known}"
    for name in re.findall(r'"(\w+)"', re.search(r"kOtherSecrets\b[^{]*{([^}]*)}", start).group(1)):
        if f"{name}_SECRET_NAME" not in resources["Function"]["Properties"]["Environment"]["Variables"]:
            yield f"the function reads {name} from a secret, but no parameter names one"


def check_headers(resources):
    """Each header that is read goes into the queue, and nothing from outside can be more than one value of the request to SQS."""
    code = (ROOT / "src/webhook/signing.hpp").read_text().lower()
    found = 0
    for name, method in of_type(resources, "AWS::ApiGateway::Method").items():
        integration = method["Properties"]["Integration"]
        template, *same = integration["RequestTemplates"].values()
        if any(other != template for other in same):
            yield f"{name} treats one content type differently from another"
        if integration["PassthroughBehavior"] != "NEVER":
            yield f"{name} passes on what no template has seen"
        allowed = r"\$util\.urlEncode\(\$[\w.()]+(\$header\))?|\$header\.toLowerCase\(\) ==|\(\$header in \$input\.params\(\)\.header\.keySet\(\)\)"
        for reference in re.findall(r"\$[\w.]+", re.sub(allowed, "", template)):
            yield f"{name} puts {reference} into the request without encoding it"
        values = dict(re.findall(r"MessageAttribute\.(\d+)\.Name=([\w-]+)", template))
        for number, attribute in values.items():
            if attribute == "provider":
                if f"MessageAttribute.{number}.Value.StringValue={name.removesuffix('ToQueue').lower()}" not in template:
                    yield f"{name} names another provider"
                continue
            found += 1
            if f'"{attribute.lower()}"' not in code:
                yield f"{name} carries the header {attribute}, which nobody reads"
            if f'$header.toLowerCase() == "{attribute.lower()}"' not in template:
                yield f"{name} fills {attribute} with another header"
        statuses = {r.get("SelectionPattern"): r["StatusCode"] for r in integration["IntegrationResponses"]}
        if statuses != {"2\\d{2}": "200", None: "503"}:
            yield f"{name} acknowledges a delivery that SQS did not take: {statuses}"
    if found != 5:
        yield f"{found} headers go into the queue; the three providers sign with 4, and one of Square's names the sandbox"


def check_event_queues(resources):
    """The function acts on unsigned events from the queues named here: nobody but EventBridge and Lambda may fill them."""
    variables = resources["Function"]["Properties"]["Environment"]["Variables"]
    if variables["LOOPSTATE_EVENT_QUEUES"] != {"Fn::GetAtt": ["SetAsideQueue", "Arn"]}:
        yield "LOOPSTATE_EVENT_QUEUES names another queue than SetAsideQueue"
    for name, queue in of_type(resources, "AWS::SQS::Queue").items():
        target = queue["Properties"].get("RedrivePolicy", {}).get("deadLetterTargetArn")
        if target == {"Fn::GetAtt": ["SetAsideQueue", "Arn"]}:
            yield f"{name} sets webhooks aside among events, where no signature is asked for"
    for role, statement in statements(resources):
        if role == "ApiRole" and branches(statement["Resource"]) != [{"Fn::GetAtt": ["WebhookQueue", "Arn"]}]:
            yield "the API may write to another queue than that of the webhooks"


def check_alarms(resources):
    metrics = (ROOT / "src/function/emf.cpp").read_text()
    docs = (ROOT / "docs/lambda.md").read_text()
    for name, alarm in of_type(resources, "AWS::CloudWatch::Alarm").items():
        properties = alarm["Properties"]
        if properties["Namespace"] == "loopstate" and f'"{properties["MetricName"]}"' not in metrics:
            yield f"{name} looks at {properties['MetricName']}, which the function never reports"
        if f"`{name}`" not in docs:
            yield f"{name} is not explained in docs/lambda.md"


def main():
    template = yaml_parse(Path(sys.argv[1]).read_text())
    resources = transform(template)
    breaks = []
    for check in (check_table, check_permissions, check_times, check_environment, check_headers, check_event_queues, check_alarms):
        breaks += check(resources)
    for line in breaks:
        print(f"deploy/template.yaml: {line}")
    print(f"{len(resources)} resources, {len(breaks)} disagreements with the code")
    return 1 if breaks else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Writes shapes.json: the output shapes of the operations that soc2scan calls, from the published service models.

    pip install botocore==1.44.5
    python src/collect/aws/models.py > src/collect/aws/shapes.json

To read another operation, add it to OPERATIONS and run this again.

A structure is one line, its members by name. A type is `string`, `integer`, `number`, `boolean`, `timestamp`, `blob`,
`any` (free-form JSON), `json` (JSON in a string, percent-encoded or not), `secret` (a string that is never kept), `[T]`,
`{T}` (string keys) or the name of a structure. A member is its type, or {"of": type, "as": name on the wire, "flat":
true, "attr": true} where XML or JSON differ from that. Members that travel in HTTP headers are left out.

An operation's `input` has its arguments in the same form, but for structures: `any` where the service speaks JSON,
`json` for those of WHOLE, and left out elsewhere. "in" says `path` or `query` where one travels in the URI. Arguments
of query services are written in the table as they travel, and only their names are here.
"""
import gzip
import json
import pathlib

import botocore

# The short name in kinds, the folder in botocore, the operations.
OPERATIONS = {
    "accessanalyzer": ("accessanalyzer", ["ListAnalyzers"]),
    "acm": ("acm", ["ListCertificates"]),
    "apigateway": ("apigateway", ["GetRequestValidators", "GetResources", "GetRestApis", "GetStages"]),
    "apigatewayv2": ("apigatewayv2", ["GetApis", "GetStages"]),
    "applicationautoscaling": ("application-autoscaling", ["DescribeScalableTargets", "DescribeScalingPolicies"]),
    "apprunner": ("apprunner", ["DescribeAutoScalingConfiguration", "DescribeService",
                                "ListAutoScalingConfigurations", "ListServices"]),
    "autoscaling": ("autoscaling", ["DescribeAutoScalingGroups", "DescribePolicies"]),
    "backup": ("backup", ["GetBackupPlan", "ListBackupPlans", "ListBackupVaults", "ListCopyJobs",
                          "ListProtectedResources", "ListRecoveryPointsByBackupVault", "ListRestoreJobs", "ListRestoreTestingPlans"]),
    "cloudfront": ("cloudfront", ["ListDistributions"]),
    "cloudtrail": ("cloudtrail", ["DescribeTrails", "GetEventSelectors", "GetTrailStatus", "LookupEvents"]),
    "cloudwatch": ("cloudwatch", ["DescribeAlarms"]),
    "cognitoidp": ("cognito-idp", ["DescribeUserPool", "ListUserPools"]),
    "config": ("config", ["DescribeConfigurationRecorderStatus", "DescribeConfigurationRecorders"]),
    "dynamodb": ("dynamodb", ["DescribeContinuousBackups", "DescribeTable", "DescribeTimeToLive", "ListTables",
                              "ListTagsOfResource"]),
    "ec2": ("ec2", ["DescribeFlowLogs", "DescribeManagedPrefixLists", "DescribeNetworkInterfaces", "DescribeRegions",
                    "DescribeRouteTables", "DescribeSecurityGroups", "DescribeSnapshots", "DescribeSubnets",
                    "DescribeVolumes", "DescribeVpcs", "GetEbsEncryptionByDefault", "GetManagedPrefixListEntries"]),
    "ecr": ("ecr", ["DescribeImages", "DescribeRepositories", "GetRegistryScanningConfiguration"]),
    "ecs": ("ecs", ["DescribeServices", "DescribeTaskDefinition", "ListClusters", "ListServices",
                    "ListTaskDefinitionFamilies"]),
    "efs": ("efs", ["DescribeFileSystems"]),
    "eks": ("eks", ["DescribeCluster", "ListClusters", "ListPodIdentityAssociations"]),
    "elb": ("elb", ["DescribeInstanceHealth", "DescribeLoadBalancerPolicies", "DescribeLoadBalancers"]),
    "elbv2": ("elbv2", ["DescribeListeners", "DescribeLoadBalancerAttributes", "DescribeLoadBalancers",
                        "DescribeRules", "DescribeTargetGroups", "DescribeTargetHealth"]),
    "firehose": ("firehose", ["DescribeDeliveryStream", "ListDeliveryStreams"]),
    "guardduty": ("guardduty", ["GetDetector", "ListDetectors"]),
    "iam": ("iam", ["GenerateCredentialReport", "GetAccountAuthorizationDetails", "GetAccountPasswordPolicy",
                    "GetAccountSummary", "GetCredentialReport", "ListOpenIDConnectProviders", "ListRoles"]),
    "inspector2": ("inspector2", ["BatchGetAccountStatus", "ListFindings"]),
    "kms": ("kms", ["DescribeKey", "GetKeyRotationStatus", "ListAliases", "ListKeys"]),
    "lambda": ("lambda", ["ListFunctions"]),
    "logs": ("logs", ["DescribeAccountPolicies", "DescribeLogGroups", "DescribeLogStreams", "DescribeMetricFilters",
                      "DescribeSubscriptionFilters", "FilterLogEvents"]),
    "rds": ("rds", ["DescribeDBClusterParameterGroups", "DescribeDBClusterParameters", "DescribeDBClusterSnapshots",
                    "DescribeDBClusters", "DescribeDBInstances", "DescribeDBParameterGroups", "DescribeDBParameters",
                    "DescribeDBSnapshots", "DescribeDBSubnetGroups", "DescribeOptionGroups"]),
    "s3": ("s3", ["GetBucketEncryption", "GetBucketLifecycleConfiguration", "GetBucketLogging", "GetBucketPolicy",
                  "GetBucketTagging", "GetBucketVersioning", "GetObjectLockConfiguration", "GetPublicAccessBlock",
                  "ListBuckets"]),
    "secretsmanager": ("secretsmanager", ["ListSecretVersionIds", "ListSecrets"]),
    "securityhub": ("securityhub", ["DescribeHub"]),
    "shield": ("shield", ["DescribeSubscription", "ListProtections"]),
    "sns": ("sns", ["ListSubscriptionsByTopic", "ListTopics"]),
    "ssm": ("ssm", ["DescribeParameters"]),
    "sso": ("sso-admin", ["DescribePermissionSet", "GetInlinePolicyForPermissionSet",
                          "ListCustomerManagedPolicyReferencesInPermissionSet", "ListInstances",
                          "ListManagedPoliciesInPermissionSet", "ListPermissionSets"]),
    "sts": ("sts", ["GetCallerIdentity"]),
    "wafv2": ("wafv2", ["GetWebACL", "GetWebACLForResource", "ListWebACLs"]),
}

# Strings that hold JSON.
JSON = {
    "iam.policyDocumentType",
    "logs.AccountPolicyDocument",
    "s3.Policy",
}

# Arguments that are structures, written in the table as JSON.
WHOLE = {
    "acm.ListCertificates.Includes",
    "inspector2.ListFindings.filterCriteria",
}

# Members that the models do not mark as sensitive, and that can hold a credential all the same.
SECRET = {
    # Keys to what an API stands before are kept in its stages, and sent from its integrations.
    "apigateway.CanarySettings.stageVariableOverrides",
    "apigateway.Integration.requestParameters",
    "apigateway.Integration.requestTemplates",
    "apigateway.Stage.variables",
    "apigatewayv2.Stage.StageVariables",
    # What a volume driver is mounted with, credentials included.
    "ecs.DockerVolumeConfiguration.driverOpts",
    "ecs.KeyValuePair.value",
    "eks.ConnectorConfigResponse.activationCode",
    "elbv2.AuthenticateOidcActionConfig.ClientSecret",
    "firehose.SplunkDestinationDescription.HECToken",
    # The address can hold the key to a service, or be a person's.
    "sns.Subscription.Endpoint",
    # A header's value can be the proof that a request came through the web ACL, and a rule can look for that proof.
    "wafv2.ByteMatchStatement.SearchString",
    "wafv2.CustomHTTPHeader.Value",
}

# Shapes that the models mark as sensitive, and that are names, or hold names beside the members of SECRET: what is
# encrypted with which key is evidence.
NAMES = {
    "apprunner.RuntimeEnvironmentSecretsValue",
    "ecs.EnvironmentVariables",
    "ecs.RepositoryCredentials",
    "s3.SSEKMSKeyId",
}

# Where a model speaks several protocols, the one that its SDK crate speaks.
PROTOCOLS = ["query", "ec2", "json", "rest-json", "rest-xml"]

SCALARS = {
    "string": "string", "character": "string", "integer": "integer", "long": "integer", "float": "number",
    "double": "number", "boolean": "boolean", "timestamp": "timestamp", "blob": "blob",
}

DATA = pathlib.Path(botocore.__file__).parent / "data"


class Service:
    def __init__(self, name, folder, operations):
        version = max(path.name for path in (DATA / folder).iterdir() if path.is_dir())
        with gzip.open(DATA / folder / version / "service-2.json.gz") as file:
            self.model = json.load(file)
        self.name = name
        self.shapes = {}
        metadata = self.model["metadata"]
        offered = metadata.get("protocols", [metadata["protocol"]])
        self.protocol = next(p for p in PROTOCOLS if p in offered)
        prefix = metadata["endpointPrefix"]
        self.header = {"protocol": self.protocol, "version": metadata["apiVersion"],
                       "id": metadata["serviceId"], "signing": metadata.get("signingName", prefix)}
        if prefix != self.header["signing"]:
            self.header["endpoint"] = prefix
        if self.protocol == "json":
            self.header["target"] = metadata["targetPrefix"]
            self.header["json"] = metadata["jsonVersion"]
        self.header |= places(prefix)
        self.operations = {operation: self.operation(operation) for operation in sorted(operations)}

    def operation(self, name):
        model = self.model["operations"][name]
        output = model["output"]
        found = {"output": self.structure(output["shape"])}
        if arguments := self.arguments(model):
            found["input"] = arguments
        if "resultWrapper" in output:
            found["wrapper"] = output["resultWrapper"]
        if "payload" in self.model["shapes"][output["shape"]]:
            found["payload"] = self.model["shapes"][output["shape"]]["payload"]
        if self.protocol.startswith("rest-"):
            found["http"] = f'{model["http"]["method"]} {model["http"]["requestUri"]}'
        return found

    def arguments(self, model):
        members = self.model["shapes"][model["input"]["shape"]]["members"] if "input" in model else {}
        found = {}
        for key, member in sorted(members.items()):
            shape = self.model["shapes"][member["shape"]]
            item = self.model["shapes"][shape["member"]["shape"]] if shape["type"] == "list" else shape
            place = member.get("location")
            if self.protocol in ("query", "ec2"):
                name = member.get("queryName") or member.get("locationName", key)
                name = name[0].upper() + name[1:] if self.protocol == "ec2" else name
                flat = shape["type"] == "list" and shape.get("flattened")
                found[shape["member"].get("locationName", name) if flat else name] = "string"
            elif item["type"] in SCALARS and place not in ("header", "headers"):
                traits = {"of": f'[{SCALARS[item["type"]]}]' if item is not shape else SCALARS[item["type"]]}
                if member.get("locationName", key) != key:
                    traits["as"] = member["locationName"]
                if place:
                    traits["in"] = {"uri": "path", "querystring": "query"}[place]
                found[key] = traits if len(traits) > 1 else traits["of"]
            elif item["type"] == "structure" and not place and self.protocol == "json":
                found[key] = "[any]" if item is not shape else "any"
            elif f'{self.name}.{model["name"]}.{key}' in WHOLE:
                found[key] = "json"
        return found

    def structure(self, name):
        if name not in self.shapes:
            self.shapes[name] = None  # a structure can hold itself
            members = self.model["shapes"][name]["members"]
            kept = {key: self.member(name, key, member) for key, member in members.items()
                    if member.get("location") not in ("header", "headers", "statusCode")}
            self.shapes[name] = dict(sorted(kept.items()))
        return name

    def member(self, structure, key, reference):
        shape = self.model["shapes"][reference["shape"]]
        secret = f"{self.name}.{structure}.{key}" in SECRET
        traits = {"of": self.secret(shape, f"{structure}.{key}") if secret else self.type(reference["shape"])}
        wire = reference.get("locationName", key)
        flat = shape.get("flattened") or reference.get("flattened")
        if flat and shape["type"] == "list":
            wire = shape["member"].get("locationName", wire)
        if wire != key:
            traits["as"] = wire
        if flat:
            traits["flat"] = True
        if reference.get("xmlAttribute"):
            traits["attr"] = True
        return traits if len(traits) > 1 else traits["of"]

    def secret(self, shape, name):
        """A sensitive text, or a list or map of such."""
        kind = shape["type"]
        if kind in ("list", "map"):
            item = self.model["shapes"][shape["member" if kind == "list" else "value"]["shape"]]
            if item["type"] == "string":
                return "[secret]" if kind == "list" else "{secret}"
        elif kind in ("string", "blob"):
            return "secret"
        raise SystemExit(f"{self.name} {name}: a sensitive {kind} is not provided for")

    def type(self, name):
        shape = self.model["shapes"][name]
        kind = shape["type"]
        if f"{self.name}.{name}" in JSON:
            return "json"
        if shape.get("sensitive") and f"{self.name}.{name}" not in NAMES:
            return self.secret(shape, name)
        if kind in SCALARS:
            return SCALARS[kind]
        if kind == "list":
            return f'[{self.type(shape["member"]["shape"])}]'
        if kind == "map":
            xml = self.protocol in ("query", "ec2", "rest-xml")
            if xml and {shape["key"].get("locationName", "key"), shape["value"].get("locationName", "value")} != {"key", "value"}:
                raise SystemExit(f"{self.name} {name}: a map with keys of its own is not provided for")
            return "{%s}" % self.type(shape["value"]["shape"])
        if shape.get("document"):
            return "any"
        return self.structure(name)


def lines(table):
    compact = lambda value: json.dumps(value, separators=(",", ":"))
    return ",\n".join(f"{compact(key)}:{compact(value)}" for key, value in sorted(table.items()))


def read(name):
    with open(DATA / name) as file:
        return json.load(file)["partitions"]


def places(prefix):
    """Where a service is: `hosts` with their signing region for the partitions where it has one endpoint for all regions, and `absent`,
    the regions of the other partitions that have none as far as this release knows."""
    hosts, absent = {}, []
    for partition in read("endpoints.json"):
        service = partition["services"].get(prefix, {})
        if service.get("isRegionalized") is False:
            endpoint = service["endpoints"][service["partitionEndpoint"]]
            hosts[partition["partition"]] = [endpoint["hostname"], endpoint["credentialScope"]["region"]]
        else:
            absent += [r for r in partition["regions"] if r not in service.get("endpoints", {})]
    return ({"hosts": hosts} if hosts else {}) | ({"absent": sorted(absent)} if absent else {})


def partitions():
    return {p["id"]: {"dns": p["outputs"]["dnsSuffix"], "dual": p["outputs"]["dualStackDnsSuffix"],
                      "home": p["outputs"]["implicitGlobalRegion"],
                      "regions": sorted(r for r in p["regions"] if not r.endswith("-global"))} for p in read("partitions.json")}


def main():
    services = []
    for name, (folder, operations) in sorted(OPERATIONS.items()):
        service = Service(name, folder, operations)
        header = json.dumps(service.header, separators=(",", ":"))[:-1]
        services.append(f'"{name}":{header},"operations":{{\n{lines(service.operations)}\n}},"shapes":{{\n{lines(service.shapes)}\n}}}}')
    text = f'{{"models":"botocore {botocore.__version__}","partitions":{{\n{lines(partitions())}\n}},"services":{{\n' + ",\n".join(services) + "\n}}\n"
    json.loads(text)
    print(text, end="")


main()

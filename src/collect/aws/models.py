#!/usr/bin/env python3
"""Writes shapes.json: the output shapes of the operations that soc2scan calls, from the published service models.

    pip install botocore==1.44.5
    python src/collect/aws/models.py > src/collect/aws/shapes.json

To read another operation, add it to OPERATIONS and run this again.

A structure is one line, its members by name. A type is `string`, `integer`, `number`, `boolean`, `timestamp`, `blob`,
`any` (free-form JSON), `secret` (a string that is never kept), `[T]`, `{T}` (string keys) or the name of a structure.
A member is its type, or {"of": type, "as": name on the wire, "flat": true, "attr": true} where XML or JSON differ from
that. Members that travel in HTTP headers are left out.
"""
import gzip
import json
import pathlib

import botocore

# The short name in kinds, the folder in botocore, the operations.
OPERATIONS = {
    "ec2": ("ec2", ["DescribeRegions"]),
    "ecr": ("ecr", ["DescribeRepositories", "GetRegistryScanningConfiguration"]),
    "eks": ("eks", ["DescribeCluster", "ListClusters"]),
    "elbv2": ("elbv2", ["DescribeListeners", "DescribeLoadBalancerAttributes", "DescribeLoadBalancers"]),
    "kms": ("kms", ["DescribeKey", "GetKeyRotationStatus", "ListKeys"]),
    "logs": ("logs", ["DescribeLogGroups"]),
    "rds": ("rds", ["DescribeDBClusterParameterGroups", "DescribeDBClusterParameters", "DescribeDBClusters",
                    "DescribeDBInstances", "DescribeDBParameterGroups", "DescribeDBParameters"]),
    "sts": ("sts", ["GetCallerIdentity"]),
    "wafv2": ("wafv2", ["GetWebACL", "GetWebACLForResource", "ListWebACLs"]),
}

# Members that the models do not mark as sensitive, and that can hold a credential all the same.
SECRET = {
    "eks.ConnectorConfigResponse.activationCode",
    "elbv2.AuthenticateOidcActionConfig.ClientSecret",
    # A header's value can be the proof that a request came through the web ACL, and a rule can look for that proof.
    "wafv2.ByteMatchStatement.SearchString",
    "wafv2.CustomHTTPHeader.Value",
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
        self.header = {"protocol": self.protocol, "version": metadata["apiVersion"],
                       "signing": metadata.get("signingName", metadata["endpointPrefix"])}
        self.operations = {operation: self.operation(operation) for operation in sorted(operations)}

    def operation(self, name):
        model = self.model["operations"][name]
        output = model["output"]
        found = {"output": self.structure(output["shape"])}
        if "resultWrapper" in output:
            found["wrapper"] = output["resultWrapper"]
        if "payload" in self.model["shapes"][output["shape"]]:
            found["payload"] = self.model["shapes"][output["shape"]]["payload"]
        if self.protocol.startswith("rest-"):
            found["http"] = f'{model["http"]["method"]} {model["http"]["requestUri"]}'
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
        traits = {"of": "secret" if secret else self.type(reference["shape"])}
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

    def type(self, name):
        shape = self.model["shapes"][name]
        kind = shape["type"]
        if shape.get("sensitive"):
            if kind not in ("string", "blob"):
                raise SystemExit(f"{self.name} {name}: a sensitive {kind} is not provided for")
            return "secret"
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


def partitions():
    with open(DATA / "partitions.json") as file:
        known = json.load(file)["partitions"]
    return {p["id"]: {"dns": p["outputs"]["dnsSuffix"], "dual": p["outputs"]["dualStackDnsSuffix"],
                      "home": p["outputs"]["implicitGlobalRegion"],
                      "regions": sorted(r for r in p["regions"] if not r.endswith("-global"))} for p in known}


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

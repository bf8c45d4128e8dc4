#!/usr/bin/env python3
"""Writes shapes.json, the field shapes of the Kubernetes kinds, from the official Python client's models.

    pip download --no-deps kubernetes==37.0.2
    python3 src/collect/kubernetes/models.py kubernetes-37.0.2-*.whl > src/collect/kubernetes/shapes.json

A shape is an object of field names and types. A type is `string`, `integer`, `number`, `boolean`, `timestamp`,
`int_or_string`, `any`, `[T]` (a list), `{T}` (a map with any keys), or the name of a shape. A kind that is read as
metadata only has the fields of a PartialObjectMetadata.
"""

import ast
import json
import re
import sys
import zipfile

KINDS = {
    "ClusterRole": "V1ClusterRole",
    "ClusterRoleBinding": "V1ClusterRoleBinding",
    "ConfigMap": "V1ConfigMap",
    "CronJob": "V1CronJob",
    "DaemonSet": "V1DaemonSet",
    "Deployment": "V1Deployment",
    "HorizontalPodAutoscaler": "V2HorizontalPodAutoscaler",
    "Ingress": "V1Ingress",
    "IngressClass": "V1IngressClass",
    "Job": "V1Job",
    "LimitRange": "V1LimitRange",
    "Namespace": "V1Namespace",
    "NetworkPolicy": "V1NetworkPolicy",
    "Node": "V1Node",
    "PersistentVolume": "V1PersistentVolume",
    "PersistentVolumeClaim": "V1PersistentVolumeClaim",
    "Pod": "V1Pod",
    "PodDisruptionBudget": "V1PodDisruptionBudget",
    "ReplicaSet": "V1ReplicaSet",
    "ResourceQuota": "V1ResourceQuota",
    "Role": "V1Role",
    "RoleBinding": "V1RoleBinding",
    "Secret": "metadata only",
    "Service": "V1Service",
    "ServiceAccount": "V1ServiceAccount",
    "StatefulSet": "V1StatefulSet",
    "StorageClass": "V1StorageClass",
    "ValidatingAdmissionPolicy": "V1ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding": "V1ValidatingAdmissionPolicyBinding",
}

# Dropped from every document, so no rule may read it.
DROPPED = {("V1ObjectMeta", "managedFields")}

SCALARS = {
    "str": "string",
    "bytes": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "datetime": "timestamp",
}


def classes(wheel):
    """Every model class: its fields by JSON name, each with its type and the annotation beside it."""
    found = {}
    for name in sorted(wheel.namelist()):
        if not re.fullmatch(r"kubernetes/client/models/\w+\.py", name):
            continue
        for node in ast.parse(wheel.read(name)).body:
            if not isinstance(node, ast.ClassDef):
                continue
            annotations, tables = {}, {}
            for item in node.body:
                if isinstance(item, ast.AnnAssign):
                    if item.target.id in ("openapi_types", "attribute_map"):
                        tables[item.target.id] = ast.literal_eval(item.value)
                    else:
                        annotations[item.target.id] = ast.unparse(item.annotation)
            if len(tables) == 2:
                found[node.name] = {
                    key: (tables["openapi_types"][field], annotations.get(field, ""))
                    for field, key in tables["attribute_map"].items()
                }
    return found


def shape_of(kind, annotation):
    if kind == "object":
        return "int_or_string" if "StrictInt | StrictStr" in annotation else "any"
    if kind in SCALARS:
        return SCALARS[kind]
    if match := re.fullmatch(r"List\[(.+)\]", kind):
        return f"[{shape_of(match[1], '')}]"
    if match := re.fullmatch(r"Dict\[str, (.+)\]", kind):
        return f"{{{shape_of(match[1], '')}}}"
    if re.fullmatch(r"\w+", kind):
        return kind
    raise SystemExit(f"unknown type {kind!r}")


def main():
    with zipfile.ZipFile(sys.argv[1]) as wheel:
        models = classes(wheel)
        package = wheel.read("kubernetes/client/__init__.py").decode()
        document = wheel.read("kubernetes/client/models/v1_pod.py").decode()
    version = re.search(r'^__version__ = "(.+)"', package, re.M)[1]
    release = re.search(r"OpenAPI document: release-(\S+)", document)[1]

    models["PartialObjectMetadata"] = {
        key: models["V1Secret"][key] for key in ("apiVersion", "kind", "metadata")
    }
    kinds = {
        kind: "PartialObjectMetadata" if model == "metadata only" else model
        for kind, model in KINDS.items()
    }
    shapes, todo = {}, sorted(set(kinds.values()))
    while todo:
        name = todo.pop()
        if name in shapes:
            continue
        shapes[name] = {
            key: shape_of(*field)
            for key, field in sorted(models[name].items())
            if (name, key) not in DROPPED
        }
        todo += [
            model
            for shape in shapes[name].values()
            if (model := shape.strip("[]{}")) in models
        ]

    print("{")
    print(f'"source": "PyPI kubernetes {version}, the API of Kubernetes {release}",')
    print(f'"kinds": {json.dumps(kinds, sort_keys=True)},')
    print('"shapes": {')
    rows = [f"{json.dumps(name)}: {json.dumps(shapes[name], separators=(',', ':'))}" for name in sorted(shapes)]
    print(",\n".join(rows))
    print("}\n}")


main()

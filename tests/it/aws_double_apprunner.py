"""App Runner, which moto lacks, in front of it: services and scaling configurations can be made, listed and read."""
import json

from werkzeug.wrappers import Request, Response


class AppRunner:
    def __init__(self, moto):
        self.moto, self.kept = moto, {}

    def __call__(self, environ, start_response):
        request = Request(environ)
        service, _, operation = request.headers.get("x-amz-target", "").partition(".")
        if service != "AppRunner":
            return self.moto(environ, start_response)
        account = request.headers.get("x-moto-account-id", "123456789012")
        region = request.headers["authorization"].split("Credential=")[1].split("/")[2]
        answer, status = self.answer(self.kept.setdefault((account, region), {}), operation, request.get_json(force=True),
                                     f"arn:aws:apprunner:{region}:{account}")
        return Response(json.dumps(answer), status, content_type="application/x-amz-json-1.0")(environ, start_response)

    def answer(self, kept, operation, asked, prefix):
        of = "AutoScalingConfiguration" if "AutoScaling" in operation else "Service"
        field = f"{of}Arn"
        if operation.startswith("Create"):
            path = "autoscalingconfiguration" if of != "Service" else "service"
            made = {"Status": "active" if of != "Service" else "RUNNING", **asked}
            made[field] = f"{prefix}:{path}/{asked[f'{of}Name']}/{len(kept) + 1:032x}"
            if "AutoScalingConfigurationArn" in asked:
                made["AutoScalingConfigurationSummary"] = {
                    "AutoScalingConfigurationArn": made.pop("AutoScalingConfigurationArn")}
            kept[made[field]] = made
            return {of: made}, 200
        if operation.startswith("Describe"):
            found = kept.get(asked[field])
            missing = {"__type": "ResourceNotFoundException", "Message": "Resource not found."}
            return ({of: found}, 200) if found else (missing, 400)
        names = {field, f"{of}Name", "Status"}
        listed = [{key: value for key, value in each.items() if key in names} for each in kept.values() if field in each]
        return {f"{of}SummaryList": listed}, 200

"""A double of AWS for the tests: moto behind HTTP, with what it gets wrong put right.

Prints its port. Then reads commands, a line each: `seed ACCOUNT` fills the account and prints `ok`. It ends when its
input does, so that it never outlives the tests.
"""
import datetime
import json
import os
import sys
import threading

os.environ.update(AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", AWS_EC2_METADATA_DISABLED="true",
                  # A certificate is issued at once, however long a test takes.
                  MOTO_ACM_VALIDATION_WAIT="0", MOTO_EC2_LOAD_DEFAULT_AMIS="false")

import aws_double_backup  # noqa: F401
from aws_double_apprunner import AppRunner
import boto3
import moto.eks.models as eks
import moto.elbv2.models as elbv2
import moto.iam.models as iam
import moto.iam.responses as iam_answers
import moto.kms.models as kms_models
import moto.kms.responses as kms
import moto.rds.models as rds
from moto.moto_api._internal import mock_random
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server


def after(cls, name):
    """Runs the decorated function after a method, with its result."""
    def wrap(function):
        original = getattr(cls, name)
        setattr(cls, name, lambda self, *args, **kwargs: function(self, original(self, *args, **kwargs), kwargs))
    return wrap


# A database can be restored to a point in time only while it keeps backups.
rds.DBInstance.latest_restorable_time = property(
    lambda self: rds.utcnow() if int(self.backup_retention_period or 0) else None)


rds.RDSBackend.describe_option_groups = lambda self, _: list(self.option_groups.values())


@after(rds.DBInstance, "__init__")
def instance(self, _, kwargs):
    self.dbi_resource_id = "db-" + mock_random.get_random_hex(26).upper()
    self.publicly_accessible = bool(self.publicly_accessible)


@after(eks.Cluster, "__init__")
def cluster(self, _, kwargs):
    access = {"endpointPublicAccess": True, "endpointPrivateAccess": False, **self.resources_vpc_config}
    if access["endpointPublicAccess"]:
        access.setdefault("publicAccessCidrs", ["0.0.0.0/0"])
    self.resources_vpc_config = access


@after(elbv2.FakeLoadBalancer, "__init__")
def load_balancer(self, _, kwargs):
    self.scheme = self.scheme or "internet-facing"
    self.attrs.setdefault("routing.http.drop_invalid_header_fields.enabled", "false")


# The root user has the second factor that is made under the name that AWS gives it, and a row of its own in the
# credential report, which is always new.
def root_has_factor(backend):
    return any(serial.endswith(":mfa/root-account-mfa-device") for serial in backend.virtual_mfa_devices)


iam.AccountSummary.summary_map = property(lambda self, found=iam.AccountSummary.summary_map.fget: {
    **found(self), "AccountPasswordPresent": 1, "AccountMFAEnabled": int(root_has_factor(self._iam_backend))})


@after(iam.IAMBackend, "get_credential_report")
def credential_report(self, text, kwargs):
    header, users = text.split("\n", 1)
    key = ["false", "N/A", "N/A", "N/A", "N/A"]
    root = ["<root_account>", f"arn:aws:iam::{self.account_id}:root", "2020-01-01T00:00:00+00:00", "not_supported",
            "no_information", "not_supported", "not_supported", str(root_has_factor(self)).lower(), *key, *key,
            "false", "N/A", "false", "N/A"]
    return f"{header}\n{','.join(root)}\n{users}"


@after(iam_answers.IamResponse, "get_credential_report")
def credential_report_answer(self, answer, kwargs):
    answer.result["GeneratedTime"] = iam.utcnow()
    return answer


# A user, its password and its keys are as old as its tag `made` says.
@after(iam.IAMBackend, "create_user")
def user(self, made, kwargs):
    tags = self.tagger.get_tag_dict_for_resource(made.arn)
    if "made" in tags:
        made.create_date = datetime.datetime.fromisoformat(tags["made"])
    return made


@after(iam.User, "create_access_key")
def access_key(self, key, kwargs):
    key.create_date = self.create_date
    return key


@after(kms_models.Key, "__init__")
def key(self, _, kwargs):
    # The keys that AWS makes for its services are its own.
    if self.description.startswith("Default master key"):
        self.key_manager = "AWS"


@after(kms.KmsResponse, "get_key_rotation_status")
def rotation(self, answer, kwargs):
    status = json.loads(answer)
    if status["KeyRotationEnabled"]:
        status.setdefault("RotationPeriodInDays", 365)
    return json.dumps(status)


def seed(endpoint, account):
    """One of everything, and a second region."""
    def client(service, region="us-east-1"):
        made = boto3.client(service, region_name=region, endpoint_url=endpoint)
        made.meta.events.register(
            "before-sign.*.*", lambda request, **_: request.headers.add_header("x-moto-account-id", account))
        return made

    kms_client = client("kms")
    rotated = kms_client.create_key(Description="application data")["KeyMetadata"]
    kms_client.enable_key_rotation(KeyId=rotated["KeyId"])
    kms_client.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY", Description="signs tokens")
    kms_client.create_key(Description="never rotated")

    rds_client = client("rds")
    rds_client.create_db_parameter_group(
        DBParameterGroupName="audited", DBParameterGroupFamily="postgres16", Description="with pgaudit")
    rds_client.modify_db_parameter_group(DBParameterGroupName="audited", Parameters=[
        {"ParameterName": "rds.force_ssl", "ParameterValue": "1", "ApplyMethod": "immediate"}])
    rds_client.create_db_cluster_parameter_group(
        DBClusterParameterGroupName="aurora", DBParameterGroupFamily="aurora-postgresql16", Description="d")
    common = dict(DBInstanceClass="db.t4g.medium", Engine="postgres", AllocatedStorage=20, MasterUsername="app",
                  MasterUserPassword="correct-horse-battery")
    rds_client.create_db_instance(
        DBInstanceIdentifier="orders", BackupRetentionPeriod=14, MultiAZ=True, StorageEncrypted=True,
        KmsKeyId=rotated["Arn"], DBParameterGroupName="audited", EnableCloudwatchLogsExports=["postgresql"], **common)
    rds_client.create_db_instance(
        DBInstanceIdentifier="scratch", BackupRetentionPeriod=0, PubliclyAccessible=True, **common)
    rds_client.create_db_cluster(
        DBClusterIdentifier="ledger", Engine="aurora-postgresql", MasterUsername="app",
        MasterUserPassword="correct-horse-battery", BackupRetentionPeriod=7, StorageEncrypted=True)
    client("rds", "eu-west-1").create_db_instance(DBInstanceIdentifier="berlin", BackupRetentionPeriod=1, **common)

    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=f"us-east-1{zone}")
               ["Subnet"]["SubnetId"] for i, zone in enumerate("ab")]

    eks_client = client("eks")
    for name, private in [("prod", True), ("staging", False)]:
        eks_client.create_cluster(
            name=name, version="1.33", roleArn=f"arn:aws:iam::{account}:role/eks",
            resourcesVpcConfig={"subnetIds": subnets, "endpointPublicAccess": not private,
                                "endpointPrivateAccess": private},
            logging={"clusterLogging": [{"types": ["api", "audit"], "enabled": private}]})

    ecr = client("ecr")
    ecr.create_repository(repositoryName="api", imageTagMutability="IMMUTABLE",
                          imageScanningConfiguration={"scanOnPush": True})
    ecr.create_repository(repositoryName="web")
    ecr.put_registry_scanning_configuration(scanType="BASIC", rules=[
        {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "prod-*", "filterType": "WILDCARD"}]}])

    balancers = client("elbv2")
    arns = [balancers.create_load_balancer(Name=name, Subnets=subnets, Scheme=scheme, Type=kind)
            ["LoadBalancers"][0]["LoadBalancerArn"]
            for name, scheme, kind in [("public", "internet-facing", "application"),
                                       ("bare", "internet-facing", "application"),
                                       ("inside", "internal", "network")]]
    group = balancers.create_target_group(Name="app", Protocol="HTTP", Port=80, VpcId=vpc)
    forward = [{"Type": "forward", "TargetGroupArn": group["TargetGroups"][0]["TargetGroupArn"]}]
    certificate = client("acm").request_certificate(DomainName="app.example.com")["CertificateArn"]
    balancers.create_listener(LoadBalancerArn=arns[0], Protocol="HTTPS", Port=443, DefaultActions=forward,
                              SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
                              Certificates=[{"CertificateArn": certificate}])
    balancers.create_listener(LoadBalancerArn=arns[0], Protocol="HTTP", Port=80, DefaultActions=[
        {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}])

    waf = client("wafv2")
    visible = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
    block = {"Block": {"CustomResponse": {"ResponseCode": 403, "ResponseHeaders": [
        {"Name": "x-reason", "Value": "not-for-any-tape"}]}}}
    for name, scope in [("front", "REGIONAL"), ("edge", "CLOUDFRONT")]:
        made = waf.create_web_acl(Name=name, Scope=scope, DefaultAction={"Allow": {}}, VisibilityConfig=visible, Rules=[
            {"Name": "rate", "Priority": 0, "Action": block, "VisibilityConfig": visible,
             "Statement": {"RateBasedStatement": {"Limit": 2000, "AggregateKeyType": "IP"}}},
            {"Name": "common", "Priority": 1, "OverrideAction": {"None": {}}, "VisibilityConfig": visible,
             "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}}}])
        if scope == "REGIONAL":
            waf.associate_web_acl(WebACLArn=made["Summary"]["ARN"], ResourceArn=arns[0])

    logs = client("logs")
    for i in range(60):  # more than a page
        logs.create_log_group(logGroupName=f"/app/{i:02}")
    logs.put_retention_policy(logGroupName="/app/00", retentionInDays=400)


class Quiet(WSGIRequestHandler):
    def log(self, *_):
        pass


def main():
    server = make_server("127.0.0.1", 0, AppRunner(DomainDispatcherApplication(create_backend_app)), threaded=True,
                         request_handler=Quiet)
    # What moto does not have is answered with 500, and the tests judge that.
    server.log = lambda *_: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    for line in sys.stdin:
        command, account = line.split()
        assert command == "seed", command
        try:
            seed(f"http://127.0.0.1:{server.server_port}", account)
            print("ok", flush=True)
        except Exception as error:
            print(f"failed: {error!r}", flush=True)
    os._exit(0)


main()

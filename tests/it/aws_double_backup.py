"""What moto lacks of AWS Backup: a selection runs its plan at once, copies included, and what was backed up can be
restored."""
import json

import moto.backup.urls as urls
from moto.backup.responses import BackupResponse
from moto.core.utils import unix_time
from moto.moto_api._internal import mock_random


class State:
    def __init__(self):
        self.points, self.jobs, self.copies, self.testing = {}, [], [], {}


def state(response):
    backend = response.backup_backend
    if not hasattr(backend, "more"):
        backend.more = State()
    return backend.more


def arn(response, name):
    return f"arn:aws:backup:{response.region}:{response.current_account}:{name}"


def back_up(response, resource, vault, created_by, copies):
    now, point = unix_time(), arn(response, f"recovery-point:{mock_random.uuid4()}")
    key = response.backup_backend.describe_backup_vault(vault).encryption_key_arn
    state(response).points[point] = {
        "RecoveryPointArn": point, "BackupVaultName": vault, "BackupVaultArn": arn(response, f"backup-vault:{vault}"),
        "ResourceArn": resource, "ResourceType": resource.split(":")[2].upper(), "CreatedBy": created_by,
        "Status": "COMPLETED", "CreationDate": now, "CompletionDate": now, "IsEncrypted": True, "EncryptionKeyArn": key}
    for copy in copies:
        state(response).copies.append({
            "AccountId": response.current_account, "CopyJobId": str(mock_random.uuid4()), "SourceRecoveryPointArn": point,
            "SourceBackupVaultArn": arn(response, f"backup-vault:{vault}"),
            "DestinationBackupVaultArn": copy["DestinationBackupVaultArn"], "ResourceArn": resource,
            "ResourceType": resource.split(":")[2].upper(), "CreatedBy": created_by, "State": "COMPLETED",
            "CreationDate": now, "CompletionDate": now})


def create_backup_selection(self):
    plan = self.backup_backend.plans[self.path.split("/")[3]]
    for resource in json.loads(self.body)["BackupSelection"]["Resources"]:
        for rule in plan.backup_plan["Rules"]:
            back_up(self, resource, rule["TargetBackupVaultName"], {
                "BackupPlanId": plan.backup_plan_id, "BackupPlanArn": plan.backup_plan_arn,
                "BackupPlanVersion": plan.version_id, "BackupRuleId": rule["RuleId"]}, rule.get("CopyActions", []))
    plan.last_execution_date = unix_time()
    return json.dumps({"SelectionId": str(mock_random.uuid4()), "BackupPlanId": plan.backup_plan_id, "CreationDate": unix_time()})


def list_recovery_points_by_backup_vault(self):
    vault = self.path.split("/")[2]
    return json.dumps({"RecoveryPoints": [p for p in state(self).points.values() if p["BackupVaultName"] == vault]})


def list_protected_resources(self):
    last = {point["ResourceArn"]: point for point in state(self).points.values()}
    return json.dumps({"Results": [
        {"ResourceArn": resource, "ResourceType": point["ResourceType"], "LastBackupTime": point["CreationDate"],
         "LastBackupVaultArn": point["BackupVaultArn"], "LastRecoveryPointArn": point["RecoveryPointArn"]}
        for resource, point in last.items()]})


def start_restore_job(self):
    point, now = state(self).points[json.loads(self.body)["RecoveryPointArn"]], unix_time()
    job = str(mock_random.uuid4())
    state(self).jobs.append({
        "AccountId": self.current_account, "RestoreJobId": job, "RecoveryPointArn": point["RecoveryPointArn"],
        "CreationDate": now, "CompletionDate": now, "Status": "COMPLETED", "PercentDone": "100.00%",
        "ResourceType": point["ResourceType"]})
    return json.dumps({"RestoreJobId": job})


def list_copy_jobs(self):
    return json.dumps({"CopyJobs": state(self).copies})


def list_restore_jobs(self):
    return json.dumps({"RestoreJobs": state(self).jobs})


def create_restore_testing_plan(self):
    plan, now = json.loads(self.body)["RestoreTestingPlan"], unix_time()
    name = plan["RestoreTestingPlanName"]
    made = {"RestoreTestingPlanName": name, "CreationTime": now,
            "RestoreTestingPlanArn": arn(self, f"restore-testing-plan:{name}-{mock_random.uuid4()}")}
    state(self).testing[name] = {**made, "ScheduleExpression": plan["ScheduleExpression"]}
    return json.dumps(made)


def list_restore_testing_plans(self):
    return json.dumps({"RestoreTestingPlans": list(state(self).testing.values())})


for function in (create_backup_selection, list_recovery_points_by_backup_vault, list_protected_resources, list_copy_jobs,
                 start_restore_job, list_restore_jobs, create_restore_testing_plan, list_restore_testing_plans):
    setattr(BackupResponse, function.__name__, function)
for path in ("{0}/backup-vaults/(?P<name>[^/]+)/recovery-points/$", "{0}/copy-jobs/$", "{0}/resources/$",
             "{0}/restore-jobs$", "{0}/restore-jobs/$", "{0}/restore-testing/plans$"):
    urls.url_paths[path] = urls.response.dispatch

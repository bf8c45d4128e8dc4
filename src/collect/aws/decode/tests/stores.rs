//! Stores and backups, in the shapes in which AWS answers.

use serde_json::json;

use super::decoded;

#[test]
fn a_volume_in_the_clear_says_so_and_has_no_key() {
    let body = "<DescribeVolumesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>0</requestId><volumeSet>\
                <item><volumeId>vol-1</volumeId><size>20</size><status>in-use</status><createTime>2026-01-15T09:30:00.000Z</createTime>\
                <attachmentSet><item><instanceId>i-1</instanceId><status>attached</status></item></attachmentSet>\
                <encrypted>false</encrypted><tagSet/></item></volumeSet></DescribeVolumesResponse>";
    assert_eq!(
        decoded("ec2", "DescribeVolumes", body).unwrap(),
        json!({"Volumes": [{
            "VolumeId": "vol-1",
            "Size": 20,
            "State": "in-use",
            "CreateTime": "2026-01-15T09:30:00Z",
            "Attachments": [{"InstanceId": "i-1", "State": "attached"}],
            "Encrypted": false,
            "Tags": [],
        }]})
    );
}

#[test]
fn routes_and_associations_keep_what_a_public_subnet_is_told_by() {
    let body = "<DescribeRouteTablesResponse><requestId>0</requestId><routeTableSet><item><routeTableId>rtb-1</routeTableId>\
                <vpcId>vpc-1</vpcId><routeSet><item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><gatewayId>igw-1</gatewayId>\
                <state>active</state></item></routeSet><associationSet><item><routeTableId>rtb-1</routeTableId><main>true</main></item>\
                <item><subnetId>subnet-1</subnetId><main>false</main></item></associationSet></item></routeTableSet>\
                </DescribeRouteTablesResponse>";
    assert_eq!(
        decoded("ec2", "DescribeRouteTables", body).unwrap(),
        json!({"RouteTables": [{
            "RouteTableId": "rtb-1",
            "VpcId": "vpc-1",
            "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}],
            "Associations": [
                {"RouteTableId": "rtb-1", "Main": true},
                {"SubnetId": "subnet-1", "Main": false},
            ],
        }]})
    );
}

#[test]
fn an_option_tells_its_name_and_keeps_its_settings_to_itself() {
    let body = "<DescribeOptionGroupsResponse><DescribeOptionGroupsResult><OptionGroupsList><OptionGroup>\
                <OptionGroupName>audited</OptionGroupName><Options><Option><OptionName>MARIADB_AUDIT_PLUGIN</OptionName>\
                <OptionSettings><OptionSetting><Name>SERVER_AUDIT_EVENTS</Name><Value>CONNECT</Value></OptionSetting></OptionSettings>\
                </Option></Options></OptionGroup></OptionGroupsList></DescribeOptionGroupsResult></DescribeOptionGroupsResponse>";
    assert_eq!(
        decoded("rds", "DescribeOptionGroups", body).unwrap(),
        json!({"OptionGroupsList": [{
            "OptionGroupName": "audited",
            "Options": [{
                "OptionName": "MARIADB_AUDIT_PLUGIN",
                "OptionSettings": [{"Name": "SERVER_AUDIT_EVENTS", "Value": {"$redacted": {"len": 7}}}],
            }],
        }]})
    );
}

#[test]
fn a_table_with_a_key_of_dynamodb_has_no_word_on_encryption() {
    let body = json!({"Table": {"TableName": "sessions", "TableStatus": "ACTIVE", "CreationDateTime": 1.768469400123E9,
                                "ItemCount": 0, "WarmThroughput": {"Status": "ACTIVE"}}});
    assert_eq!(
        decoded("dynamodb", "DescribeTable", &body.to_string()).unwrap(),
        json!({"Table": {"TableName": "sessions", "TableStatus": "ACTIVE", "CreationDateTime": "2026-01-15T09:30:00.123Z",
                         "ItemCount": 0, "WarmThroughput": {"Status": "ACTIVE"}}})
    );
}

#[test]
fn a_backup_tells_what_made_it_and_where_it_is_copied() {
    let points = json!({"RecoveryPoints": [{
        "RecoveryPointArn": "arn:aws:rds:eu-west-1:111122223333:snapshot:awsbackup:job-1",
        "BackupVaultName": "main",
        "ResourceArn": "arn:aws:rds:eu-west-1:111122223333:db:orders",
        "ResourceType": "RDS",
        "CreatedBy": {"BackupPlanId": "p", "BackupPlanVersion": "v", "BackupRuleId": "r"},
        "Status": "COMPLETED",
        "CreationDate": 1_768_446_000.5,
        "IsEncrypted": true,
        "Lifecycle": {"DeleteAfterDays": 35},
    }], "NextToken": null});
    let found = decoded(
        "backup",
        "ListRecoveryPointsByBackupVault",
        &points.to_string(),
    )
    .unwrap();
    let point = &found["RecoveryPoints"][0];
    assert_eq!(point["CreationDate"], "2026-01-15T03:00:00.5Z");
    assert_eq!(point["CreatedBy"]["BackupRuleId"], "r");
    assert_eq!(point["IsEncrypted"], true);
    assert!(found.get("NextToken").is_none());

    let copy = "arn:aws:backup:us-east-1:111122223333:backup-vault:offsite";
    let plan = json!({"BackupPlanId": "p", "BackupPlan": {"BackupPlanName": "daily", "Rules": [{
        "RuleName": "daily", "RuleId": "r", "TargetBackupVaultName": "main", "ScheduleExpression": "cron(0 3 * * ? *)",
        "RecoveryPointTags": {"owner": "data"},
        "CopyActions": [{"DestinationBackupVaultArn": copy, "Lifecycle": {"DeleteAfterDays": 35}}]}]}});
    let found = decoded("backup", "GetBackupPlan", &plan.to_string()).unwrap();
    let rule = &found["BackupPlan"]["Rules"][0];
    assert_eq!(rule["CopyActions"][0]["DestinationBackupVaultArn"], copy);
    assert_eq!(
        rule["RecoveryPointTags"]["owner"],
        json!({"$redacted": {"len": 4}})
    );
}

#[test]
fn a_restore_tells_how_it_ended_and_who_asked_for_it() {
    let plan = "arn:aws:backup:eu-west-1:111122223333:restore-testing-plan:monthly-1";
    let jobs = json!({"RestoreJobs": [{"RestoreJobId": "j", "Status": "COMPLETED", "ValidationStatus": "SUCCESSFUL",
                                       "CompletionDate": 1_764_567_600, "PercentDone": "0.00%", "ResourceType": "RDS",
                                       "CreatedBy": {"RestoreTestingPlanArn": plan}}]});
    let found = decoded("backup", "ListRestoreJobs", &jobs.to_string()).unwrap();
    assert_eq!(
        found["RestoreJobs"][0]["CompletionDate"],
        "2025-12-01T05:40:00Z"
    );
    assert_eq!(
        found["RestoreJobs"][0]["CreatedBy"]["RestoreTestingPlanArn"],
        plan
    );

    let plans = json!({"RestoreTestingPlans": [{"RestoreTestingPlanArn": plan, "RestoreTestingPlanName": "monthly",
                                                "CreationTime": 1_764_567_600, "LastExecutionTime": 1_764_565_200}]});
    let found = decoded("backup", "ListRestoreTestingPlans", &plans.to_string()).unwrap();
    assert_eq!(
        found["RestoreTestingPlans"][0]["LastExecutionTime"],
        "2025-12-01T05:00:00Z"
    );

    let stores = json!({"Results": [{"ResourceArn": "arn:aws:s3:::uploads", "ResourceType": "S3", "LastBackupTime": 1_764_565_200}]});
    let found = decoded("backup", "ListProtectedResources", &stores.to_string()).unwrap();
    assert_eq!(
        found["Results"][0]["LastBackupTime"],
        "2025-12-01T05:00:00Z"
    );
}

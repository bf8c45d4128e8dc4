//! AWS Backup.

use super::{call, listed, paged};
use crate::collect::aws::table::{Arg, Call, Describe, Entry, Id, Parent};

const PAGE: (&str, Arg) = ("MaxResults", Arg::Text("1000"));

const VAULTS: Call = paged("ListBackupVaults", &[PAGE], "NextToken", "NextToken");

pub const ENTRIES: &[Entry] = &[
    Entry {
        describe: Some(Describe {
            call: call(
                "GetBackupPlan",
                &[("BackupPlanId", Arg::Field("BackupPlanId"))],
            ),
            at: "",
            seed: &[
                ("BackupPlanArn", "BackupPlanArn"),
                ("BackupPlanId", "BackupPlanId"),
            ],
            gone: &["ResourceNotFoundException"],
        }),
        ..listed(
            "aws.backup.BackupPlan",
            "backup",
            paged("ListBackupPlans", &[PAGE], "NextToken", "NextToken"),
            "BackupPlansList",
            "BackupPlanArn",
        )
    },
    listed(
        "aws.backup.BackupVault",
        "backup",
        VAULTS,
        "BackupVaultList",
        "BackupVaultArn",
    ),
    // AWS Backup lists the jobs of the last 30 days.
    Entry {
        id: Id::Template("arn:{partition}:backup:{region}:{account}:copy-job:{CopyJobId}"),
        ..listed(
            "aws.backup.CopyJob",
            "backup",
            paged(
                "ListCopyJobs",
                &[("ByState", Arg::Text("COMPLETED")), PAGE],
                "NextToken",
                "NextToken",
            ),
            "CopyJobs",
            "",
        )
    },
    listed(
        "aws.backup.ProtectedResource",
        "backup",
        paged("ListProtectedResources", &[PAGE], "NextToken", "NextToken"),
        "Results",
        "ResourceArn",
    ),
    Entry {
        parent: Some(Parent {
            call: VAULTS,
            at: "BackupVaultList",
            fields: &[],
            gone: &["ResourceNotFoundException"],
        }),
        ..listed(
            "aws.backup.RecoveryPoint",
            "backup",
            paged(
                "ListRecoveryPointsByBackupVault",
                &[("BackupVaultName", Arg::Parent("BackupVaultName")), PAGE],
                "NextToken",
                "NextToken",
            ),
            "RecoveryPoints",
            "RecoveryPointArn",
        )
    },
    Entry {
        id: Id::Template("arn:{partition}:backup:{region}:{account}:restore-job:{RestoreJobId}"),
        ..listed(
            "aws.backup.RestoreJob",
            "backup",
            paged("ListRestoreJobs", &[PAGE], "NextToken", "NextToken"),
            "RestoreJobs",
            "",
        )
    },
    listed(
        "aws.backup.RestoreTestingPlan",
        "backup",
        paged("ListRestoreTestingPlans", &[PAGE], "NextToken", "NextToken"),
        "RestoreTestingPlans",
        "RestoreTestingPlanArn",
    ),
];

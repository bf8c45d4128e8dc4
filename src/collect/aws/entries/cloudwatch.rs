//! CloudWatch.

use super::{listed, paged};
use crate::collect::aws::table::{Arg, Call, Entry};

/// One list answers alarms of every type, each under a name of its own.
const fn alarms(args: &'static [(&'static str, Arg)]) -> Call {
    paged("DescribeAlarms", args, "NextToken", "NextToken")
}

pub const ENTRIES: &[Entry] = &[
    listed(
        "aws.cloudwatch.Alarm",
        "cloudwatch",
        alarms(&[
            ("AlarmTypes.member.1", Arg::Text("MetricAlarm")),
            ("MaxRecords", Arg::Text("100")),
        ]),
        "MetricAlarms",
        "AlarmArn",
    ),
    listed(
        "aws.cloudwatch.CompositeAlarm",
        "cloudwatch",
        alarms(&[
            ("AlarmTypes.member.1", Arg::Text("CompositeAlarm")),
            ("MaxRecords", Arg::Text("100")),
        ]),
        "CompositeAlarms",
        "AlarmArn",
    ),
];

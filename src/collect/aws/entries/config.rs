//! AWS Config.

use super::{call, fact, listed};
use crate::collect::aws::table::{Entry, Id, Items, Take};

/// What records the region's configuration: at most one recorder of the account's own, and perhaps none.
pub const ENTRIES: &[Entry] = &[Entry {
    items: Items::Answer,
    id: Id::Template("arn:{partition}:config:{region}:{account}:configuration-recorder"),
    facts: &[fact(
        "ConfigurationRecordersStatus",
        call("DescribeConfigurationRecorderStatus", &[]),
        Take::List("ConfigurationRecordersStatus"),
    )],
    ..listed(
        "aws.config.ConfigurationRecorder",
        "config",
        call("DescribeConfigurationRecorders", &[]),
        "",
        "",
    )
}];

//! EFS.

use super::{listed, paged};
use crate::collect::aws::table::{Arg, Entry};

pub const ENTRIES: &[Entry] = &[listed(
    "aws.efs.FileSystem",
    "efs",
    paged(
        "DescribeFileSystems",
        &[("MaxItems", Arg::Text("100"))],
        "Marker",
        "NextMarker",
    ),
    "FileSystems",
    "FileSystemArn",
)];

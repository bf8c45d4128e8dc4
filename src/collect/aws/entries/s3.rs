//! S3.

use super::{call, everywhere, fact, listed, paged};
use crate::collect::aws::table::{Arg, Entry, Fact, Id, Take};

const BUCKET: &[(&str, Arg)] = &[("Bucket", Arg::Field("Name"))];

/// A bucket's setting, asked in the bucket's region; `absent` is the error that says that it is not set.
const fn setting(
    field: &'static str,
    operation: &'static str,
    take: Take,
    absent: &'static [&'static str],
) -> Fact {
    Fact {
        absent,
        gone: &["NoSuchBucket"],
        ..fact(field, call(operation, BUCKET), take)
    }
}

pub const ENTRIES: &[Entry] = &[Entry {
    sweeps: everywhere(),
    id: Id::Template("arn:{partition}:s3:::{Name}"),
    place: Some("BucketRegion"),
    facts: &[
        setting(
            "ServerSideEncryptionConfiguration",
            "GetBucketEncryption",
            Take::Field("ServerSideEncryptionConfiguration"),
            &["ServerSideEncryptionConfigurationNotFoundError"],
        ),
        setting("Versioning", "GetBucketVersioning", Take::Answer, &[]),
        setting(
            "Lifecycle",
            "GetBucketLifecycleConfiguration",
            Take::Answer,
            &["NoSuchLifecycleConfiguration"],
        ),
        setting(
            "ObjectLockConfiguration",
            "GetObjectLockConfiguration",
            Take::Field("ObjectLockConfiguration"),
            &["ObjectLockConfigurationNotFoundError"],
        ),
        setting(
            "LoggingEnabled",
            "GetBucketLogging",
            Take::Field("LoggingEnabled"),
            &[],
        ),
        setting(
            "Policy",
            "GetBucketPolicy",
            Take::Field("Policy"),
            &["NoSuchBucketPolicy"],
        ),
        setting(
            "PublicAccessBlockConfiguration",
            "GetPublicAccessBlock",
            Take::Field("PublicAccessBlockConfiguration"),
            &["NoSuchPublicAccessBlockConfiguration"],
        ),
        setting(
            "TagSet",
            "GetBucketTagging",
            Take::Pairs("TagSet"),
            &["NoSuchTagSet"],
        ),
    ],
    ..listed(
        "aws.s3.Bucket",
        "s3",
        // The answer names each bucket's region only where some argument is sent.
        paged(
            "ListBuckets",
            &[("MaxBuckets", Arg::Text("10000"))],
            "ContinuationToken",
            "ContinuationToken",
        ),
        "Buckets",
        "",
    )
}];

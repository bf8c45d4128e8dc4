//! Certificate Manager.

use super::{listed, paged};
use crate::collect::aws::table::{Arg, Entry};

/// Every algorithm: without it only RSA certificates of 1024 and 2048 bits are listed.
const ALGORITHMS: &str = r#"{"keyTypes":["EC_prime256v1","EC_secp384r1","EC_secp521r1","RSA_1024","RSA_2048","RSA_3072","RSA_4096"]}"#;

pub const ENTRIES: &[Entry] = &[listed(
    "aws.acm.Certificate",
    "acm",
    paged(
        "ListCertificates",
        &[
            ("Includes", Arg::Text(ALGORITHMS)),
            ("MaxItems", Arg::Text("1000")),
        ],
        "NextToken",
        "NextToken",
    ),
    "CertificateSummaryList",
    "CertificateArn",
)];

//! A digest: the name that content has by itself.

use sha2::{Digest as _, Sha256};

/// The SHA-256 of bytes in lower-case hexadecimal, as `sha256sum` prints it.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

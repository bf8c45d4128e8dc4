//! The integration tests, in one binary.
#![allow(
    clippy::as_conversions,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, in its helper functions too"
)]

mod architecture;
#[cfg(feature = "aws")]
mod aws_double;
mod bundle;
mod cli;
mod decisions;
mod documents;
mod evaluate;
mod examine;
mod examine_commands;
#[cfg(all(feature = "aws", feature = "kubernetes"))]
mod fixtures;
mod init;
#[cfg(feature = "kubernetes")]
mod kube_server;
#[cfg(feature = "aws")]
mod live_aws;
#[cfg(feature = "kubernetes")]
mod live_kubernetes;
mod manifests;
mod python;
mod render;
mod render_files;
mod render_html;
#[cfg(all(feature = "aws", feature = "kubernetes"))]
mod replay;
mod samples;
#[cfg(all(feature = "aws", feature = "kubernetes"))]
mod scans;
mod small;
mod waiver_states;
mod waivers;

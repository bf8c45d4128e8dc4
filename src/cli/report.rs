//! `soc2scan report`: a stored report in another format, and the JSON Schema of reports.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::check::compare_with;
use super::{Exit, print, stored};
use crate::bundle::OpenError;
use crate::model::{Report, Snapshot};
use crate::render::{Format, Look, clean, json_schema, render};

/// The largest report that is read, in bytes.
const LARGEST: u64 = 1 << 30;

/// Show a stored report in another format.
#[derive(Debug, clap::Args)]
pub struct ReportArgs {
    /// A report that `soc2scan check -o report.json` wrote, or a bundle.
    #[arg(required_unless_present = "schema")]
    file: Option<PathBuf>,
    /// How to show it.
    #[arg(long, value_name = "FORMAT", default_value = "table", value_parser = super::format())]
    format: Format,
    /// Mark what is not in this earlier report.
    #[arg(long, value_name = "FILE", conflicts_with = "schema")]
    baseline: Option<PathBuf>,
    /// Print the JSON Schema of reports, soc2scan.report/v1.
    #[arg(long, conflicts_with_all = ["file", "format"])]
    schema: bool,
}

/// Why a file is not shown as a report.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ReportError {
    #[error("cannot read {}: {why}", .path.display())]
    #[diagnostic(help("name a report that `soc2scan check -o report.json` wrote"))]
    Read { path: PathBuf, why: String },
    #[error("{} is larger than a report can be (1 GiB)", .path.display())]
    TooLarge { path: PathBuf },
    #[error("{} is not JSON: {why}", .path.display())]
    #[diagnostic(help("only the format json can be shown again: `soc2scan check -o report.json`"))]
    Json { path: PathBuf, why: String },
    #[error("{} is not a report: it says {found}, not {}", .path.display(), Report::SCHEMA)]
    #[diagnostic(help(
        "only what `soc2scan check -o report.json` writes can be shown; a newer version of soc2scan may write a newer form"
    ))]
    Schema { path: PathBuf, found: String },
    #[error("{} does not hold to {}: {why}", .path.display(), Report::SCHEMA)]
    #[diagnostic(help("`soc2scan report --schema` prints what a report must hold to"))]
    Shape { path: PathBuf, why: String },
    #[error(transparent)]
    #[diagnostic(help("`soc2scan verify` says what a bundle is worth"))]
    Bundle(#[from] OpenError),
    #[error("{} is not as it was written: {why}", .path.display())]
    #[diagnostic(help(
        "`soc2scan verify` names everything that differs; take it again from where it was written"
    ))]
    Altered { path: PathBuf, why: String },
    #[error("{} does not hold to {}: {why}", .path.display(), Snapshot::SCHEMA)]
    Snapshot { path: PathBuf, why: String },
}

pub fn run(args: ReportArgs, look: &Look, out: &mut dyn Write) -> miette::Result<Exit> {
    let text = match &args.file {
        Some(file) => {
            let mut report = stored::report(file)?;
            if let Some(baseline) = &args.baseline {
                compare_with(&mut report, &stored::report(baseline)?)?;
            }
            render(&report, args.format, look)
        }
        None => json_schema().into_bytes(),
    };
    print(out, text)
}

/// The content of a file, unless it is larger than a report can be.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, ReportError> {
    let unreadable = |error: std::io::Error| ReportError::Read {
        path: path.to_owned(),
        why: error.to_string(),
    };
    if fs::metadata(path).map_err(unreadable)?.len() > LARGEST {
        return Err(ReportError::TooLarge {
            path: path.to_owned(),
        });
    }
    fs::read(path).map_err(unreadable)
}

/// The report in a file's content.
pub(crate) fn parse(path: &Path, bytes: &[u8]) -> Result<Report, ReportError> {
    #[derive(serde::Deserialize)]
    struct Head {
        #[serde(default)]
        schema: serde_json::Value,
    }
    let head: Head = serde_json::from_slice(bytes).map_err(|error| {
        if error.is_data() {
            ReportError::Schema {
                path: path.to_owned(),
                found: "nothing".to_owned(),
            }
        } else {
            ReportError::Json {
                path: path.to_owned(),
                why: error.to_string(),
            }
        }
    })?;
    if head.schema != Report::SCHEMA {
        return Err(ReportError::Schema {
            path: path.to_owned(),
            found: match head.schema {
                serde_json::Value::Null => "nothing".to_owned(),
                serde_json::Value::String(name) => {
                    format!("{:?}", name.chars().take(60).collect::<String>())
                }
                _ => "something else".to_owned(),
            },
        });
    }
    serde_json::from_slice(bytes).map_err(|error| ReportError::Shape {
        path: path.to_owned(),
        // The message quotes the file.
        why: clean(&error.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: ReportArgs,
    }

    fn arguments(args: &[&str]) -> Result<ReportArgs, clap::error::ErrorKind> {
        Cli::try_parse_from([&["report"], args].concat())
            .map(|cli| cli.args)
            .map_err(|error| error.kind())
    }

    fn failure(text: &str) -> String {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.json");
        fs::write(&path, text).unwrap();
        let message = stored::report(&path).unwrap_err().to_string();
        message.replace(&path.display().to_string(), "FILE")
    }

    #[test]
    fn a_file_or_the_schema_is_shown_and_not_both() {
        use clap::error::ErrorKind;
        assert!(arguments(&["--schema"]).unwrap().schema);
        assert_eq!(arguments(&["r.json"]).unwrap().format, Format::Table);
        let markdown = arguments(&["r.json", "--format", "markdown"]).unwrap();
        assert_eq!(markdown.format, Format::Markdown);
        assert_eq!(
            arguments(&[]).unwrap_err(),
            ErrorKind::MissingRequiredArgument
        );
        assert_eq!(
            arguments(&["r.json", "--schema"]).unwrap_err(),
            ErrorKind::ArgumentConflict
        );
        assert_eq!(
            arguments(&["r.json", "--format", "pdf"]).unwrap_err(),
            ErrorKind::InvalidValue
        );
    }

    #[test]
    fn what_is_not_a_report_is_refused_with_what_it_is() {
        assert_eq!(
            failure("SOC 2"),
            "FILE is not JSON: expected value at line 1 column 1"
        );
        assert_eq!(
            failure("{}"),
            "FILE is not a report: it says nothing, not soc2scan.report/v1"
        );
        assert_eq!(
            failure("[1]"),
            "FILE is not a report: it says something else, not soc2scan.report/v1"
        );
        assert_eq!(
            failure(r#"{"schema": "soc2scan.snapshot/v1\u001b[2J"}"#),
            "FILE is not a report: it says \"soc2scan.snapshot/v1\\u{1b}[2J\", not soc2scan.report/v1"
        );
        assert_eq!(
            failure(r#"{"schema": "soc2scan.report/v1"}"#),
            "FILE does not hold to soc2scan.report/v1: missing field `tool` at line 1 column 32"
        );
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = stored::report(Path::new("/no/such/report.json")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot read /no/such/report.json: No such file or directory (os error 2)"
        );
    }
}

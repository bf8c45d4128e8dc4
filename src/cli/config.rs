//! The configuration file `soc2scan.yaml`: what to scan, under which rules, and what to fail on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use miette::{Diagnostic, NamedSource, SourceSpan};
use serde::Deserialize;
use serde::de::IgnoredAny;
use thiserror::Error;

use super::gate::FailOn;
use crate::model::{AuditPeriod, Category, Severity};
use crate::register::{ScopeDecision, scope_decisions};
use crate::yaml::FileErrors;

/// The file that is read when none is named.
pub const DEFAULT_FILE: &str = "soc2scan.yaml";

/// `soc2scan.yaml`. Every key may be absent; the command line decides before it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Scan AWS. An empty mapping takes the default credentials and region.
    pub aws: Option<Aws>,
    /// Scan Kubernetes. An empty mapping takes the current context.
    pub kubernetes: Option<Kubernetes>,
    /// The categories in scope; security always is.
    pub categories: Option<BTreeSet<Category>>,
    /// Criteria that do not apply, each with why and who approved it: read with their places into `decisions`.
    not_applicable: Option<IgnoredAny>,
    #[serde(skip)]
    pub decisions: Vec<ScopeDecision>,
    /// Lets common criteria be among them.
    #[serde(rename = "allow_cc_na")]
    _allow_cc_na: bool,
    /// A folder of rules, from the folder of this file, that add to the built-in ones or replace those with the same id.
    pub rules: Option<PathBuf>,
    /// Parameters by rule: `aws.rds.pitr: { max_lag: 30m }`.
    pub params: BTreeMap<String, BTreeMap<String, serde_json::Value>>,
    /// The file of waivers, from the folder of this one; `waivers.yaml` if there is one.
    pub waivers: Option<PathBuf>,
    /// The file of attestations, from the folder of this one; `attestations.yaml` if there is one.
    pub attestations: Option<PathBuf>,
    /// The longest that a waiver may hold after its approval.
    pub max_waiver_days: Option<u16>,
    /// The days that an audit is about: what is attested for a period has to cover them.
    pub audit_period: Option<AuditPeriod>,
    /// An earlier report, from the folder of this file: the gate counts only what is new since.
    pub baseline: Option<PathBuf>,
    pub fail_on: Option<BTreeSet<FailOn>>,
    pub min_severity: Option<Severity>,
    /// The file itself, where there is one.
    #[serde(skip)]
    pub text: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Aws {
    /// A profile of the shared AWS configuration.
    pub profile: Option<String>,
    pub regions: Vec<String>,
    /// Every region that is enabled for the account.
    pub all_regions: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Kubernetes {
    pub kubeconfig: Option<PathBuf>,
    pub context: Option<String>,
}

/// Why a configuration file cannot be used, and where in it.
#[derive(Debug, Error, Diagnostic)]
#[error("{message}")]
pub struct ConfigError {
    message: String,
    #[source_code]
    file: NamedSource<String>,
    #[label("here")]
    at: Option<SourceSpan>,
    #[help]
    help: Option<String>,
}

impl Config {
    /// Reads the file named, or `soc2scan.yaml` if there is one.
    pub fn load(named: Option<&Path>) -> miette::Result<Self> {
        let path = match named {
            Some(path) => path,
            None if Path::new(DEFAULT_FILE).is_file() => Path::new(DEFAULT_FILE),
            None => return Ok(Self::default()),
        };
        let text = std::fs::read_to_string(path).map_err(|error| {
            super::Usage::new(
                format!("cannot read the configuration {}: {error}", path.display()),
                "name an existing file with --config",
            )
        })?;
        let mut config = Self::parse(path, &text).map_err(|error| *error)?;
        if config.not_applicable.is_some() {
            config.decisions = scope_decisions(&path.display().to_string(), &text)
                .map_err(|errors| FileErrors::new("scope decisions", errors))?;
        }
        config.text = Some(text);
        Ok(config)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, Box<ConfigError>> {
        if text
            .lines()
            .all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
        {
            return Ok(Self::default());
        }
        let options = serde_saphyr::options! { emit_comments: false };
        serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            let error = error.without_snippet();
            let at = error.location().and_then(|location| {
                let span = location.span();
                let start = usize::try_from(span.byte_offset()?).ok()?;
                let length = usize::try_from(span.byte_len().unwrap_or(1)).ok()?;
                Some(SourceSpan::from((start.min(text.len()), length)))
            });
            Box::new(ConfigError {
                message: format!("the configuration {} is not valid: {error}", path.display()),
                file: NamedSource::new(path.display().to_string(), text.to_owned()),
                at,
                help: Some("docs/configuration.md lists every key".to_owned()),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_read() {
        let text = "
aws: { profile: prod, regions: [us-east-1] }
kubernetes: { context: prod }
categories: [security, availability]
not_applicable: [{ controls: [A1.1] }]
allow_cc_na: true
rules: more
params: { aws.rds.pitr: { max_lag: 30m } }
waivers: accepted.yaml
attestations: people.yaml
max_waiver_days: 90
audit_period: { start: 2026-01-01, end: 2026-12-31 }
baseline: known.json
fail_on: [gap, manual]
min_severity: high
";
        let config = Config::parse(Path::new("soc2scan.yaml"), text).unwrap();
        assert_eq!(config.aws.unwrap().regions, ["us-east-1"]);
        assert_eq!(config.kubernetes.unwrap().context.as_deref(), Some("prod"));
        assert_eq!(config.params["aws.rds.pitr"]["max_lag"], "30m");
        assert_eq!(config.waivers.as_deref(), Some(Path::new("accepted.yaml")));
        assert_eq!(
            config.attestations.as_deref(),
            Some(Path::new("people.yaml"))
        );
        assert_eq!(config.max_waiver_days, Some(90));
        assert_eq!(config.audit_period.unwrap().end.to_string(), "2026-12-31");
        assert_eq!(config.baseline.as_deref(), Some(Path::new("known.json")));
        assert_eq!(config.min_severity, Some(Severity::High));
        assert!(config.fail_on.unwrap().contains(&FailOn::Manual));
    }

    #[test]
    fn an_unknown_key_is_refused_where_it_stands() {
        let text = "aws: {}\nregion: us-east-1\n";
        let error = Config::parse(Path::new("soc2scan.yaml"), text).unwrap_err();
        assert!(error.message.contains("region"), "{}", error.message);
        assert_eq!(error.at.unwrap().offset(), text.find("region").unwrap());
    }

    #[test]
    fn comments_may_be_long() {
        let text = format!("aws:\n{}  profile: prod\n", "  # why\n".repeat(500));
        let config = Config::parse(Path::new("c.yaml"), &text).unwrap();
        assert_eq!(config.aws.unwrap().profile.as_deref(), Some("prod"));
    }

    #[test]
    fn a_file_of_comments_is_an_empty_configuration() {
        assert!(
            Config::parse(Path::new("c.yaml"), "# nothing yet\n")
                .unwrap()
                .aws
                .is_none()
        );
    }
}

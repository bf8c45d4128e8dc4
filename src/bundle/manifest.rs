//! The manifest of a bundle: what was scanned, by what, and every file by its digest. Canonical JSON (RFC 8785).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{COSIGN_SIGNATURE, Files, MANIFEST, SSH_SIGNATURE, SUMS};
use crate::model::{CheckStatus, Reason, Report, Seen, Target, is_sha256, sha256};

/// `manifest.json`. Nothing in it depends on when or where it was written but `scan.started_at`, `scan.ended_at` and
/// `scan.command_line` of a live scan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Always 1.
    pub version: u32,
    /// From the digests of all files: equal content has an equal id.
    pub bundle_id: String,
    /// The SHA-256 of the manifest of the bundle before this one in the same folder; null for the first.
    pub previous_manifest_sha256: Option<String>,
    pub tool: Tool,
    pub scan: Scan,
    /// Sorted by path; all but the manifest itself, the sums and signatures.
    pub files: Vec<File>,
    pub counts: BTreeMap<String, usize>,
    pub coverage: Coverage,
}

/// The program, and what it judged by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    pub name: String,
    pub version: String,
    pub binary_sha256: String,
    /// As in the report's `digests.rulebook`.
    pub ruleset_sha256: String,
    /// Of config/criteria.yaml and config/topics.yaml, one after the other.
    pub mapping_sha256: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    /// `live` or `replay`. Manifests that were read are `live`: they were read then.
    pub mode: String,
    pub started_at: Timestamp,
    /// Of a replay, the date of the last recorded answer.
    pub ended_at: Timestamp,
    /// `tape`, or `snapshot` where files were read and the snapshot stands for what was in them.
    pub evidence: String,
    /// Who asked, where the provider said so.
    pub identities: Vec<Identity>,
    pub scope_sha256: Option<String>,
    pub waivers_sha256: Option<String>,
    pub attestations_sha256: Option<String>,
    pub command_line: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub provider: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    pub principal: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub path: String,
    pub sha256: String,
    pub size: u64,
    pub media_type: String,
    pub role: Role,
    /// Whether sensitive values are taken out of it: what came from a provider.
    pub redacted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Report,
    Findings,
    Controls,
    Population,
    Evidence,
    Requests,
    Coverage,
    Config,
    Attachment,
}

/// The lists that were asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    pub complete: bool,
    pub denied: usize,
    /// Not read for any other reason.
    pub skipped: usize,
}

impl Manifest {
    /// The manifest of these files. Of `tool` and `scan`, what follows from the files and the report is taken from them.
    pub fn of(tool: Tool, scan: Scan, report: &Report, files: &Files) -> Self {
        let digest = |path: &str| files.get(path).map(|bytes| sha256(bytes));
        let mapping = ["config/criteria.yaml", "config/topics.yaml"];
        let mapping: Vec<u8> = mapping
            .into_iter()
            .filter_map(|path| files.get(path))
            .flatten()
            .copied()
            .collect();
        let listed: Vec<File> = files
            .iter()
            .filter(|(path, _)| is_listed(path))
            .map(|(path, bytes)| File::of(path, bytes))
            .collect();
        Self {
            version: 1,
            bundle_id: id(&listed),
            previous_manifest_sha256: None,
            tool: Tool {
                ruleset_sha256: report.digests.rulebook.clone(),
                mapping_sha256: sha256(&mapping),
                ..tool
            },
            scan: Scan {
                started_at: report.taken_at,
                evidence: match files.contains_key("evidence/manifest.json") {
                    true => "tape".to_owned(),
                    false => "snapshot".to_owned(),
                },
                identities: identities(report),
                scope_sha256: digest("config/scope.json"),
                waivers_sha256: digest("config/waivers.yaml"),
                attestations_sha256: digest("config/attestations.yaml"),
                ..scan
            },
            files: listed,
            counts: counts(report),
            coverage: coverage(report),
        }
    }

    /// RFC 8785.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json_canonicalizer::to_vec(self).unwrap_or_default()
    }

    /// Reads a manifest, and refuses what does not hold to its form.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        if bytes.is_empty() {
            return Err(format!("it holds no {MANIFEST}"));
        }
        let value: Value = serde_json::from_slice(bytes)
            .map_err(|error| format!("{MANIFEST} is not JSON: {error}"))?;
        if serde_json_canonicalizer::to_vec(&value).ok().as_deref() != Some(bytes) {
            return Err(format!("{MANIFEST} is not canonical JSON (RFC 8785)"));
        }
        let manifest: Self = serde_json::from_value(value)
            .map_err(|error| format!("{MANIFEST} does not hold to its form: {error}"))?;
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), String> {
        if self.version != 1 {
            let version = self.version;
            return Err(format!("{MANIFEST} is of version {version}, not 1"));
        }
        if self.tool.name != "soc2scan" || Uuid::parse_str(&self.bundle_id).is_err() {
            return Err(format!("{MANIFEST} is not of soc2scan"));
        }
        let tool = [
            &self.tool.binary_sha256,
            &self.tool.ruleset_sha256,
            &self.tool.mapping_sha256,
        ];
        let optional = [
            &self.previous_manifest_sha256,
            &self.scan.scope_sha256,
            &self.scan.waivers_sha256,
            &self.scan.attestations_sha256,
        ];
        let files = self.files.iter().map(|file| &file.sha256);
        let mut digests = tool
            .into_iter()
            .chain(optional.into_iter().flatten())
            .chain(files);
        if let Some(wrong) = digests.find(|digest| !is_sha256(digest)) {
            return Err(format!("{MANIFEST} holds {wrong:?} for a SHA-256"));
        }
        match self.files.iter().find(|file| !is_path(&file.path)) {
            Some(file) => Err(format!(
                "{MANIFEST} lists {:?}, which is no path",
                file.path
            )),
            None => Ok(()),
        }
    }

    /// The name of the bundle's folder.
    pub fn name(&self) -> String {
        let at = self.scan.started_at.strftime("%Y%m%dT%H%M%SZ");
        format!("soc2scan-{at}-{}", self.bundle_id)
    }
}

impl File {
    fn of(path: &str, bytes: &[u8]) -> Self {
        Self {
            path: path.to_owned(),
            sha256: sha256(bytes),
            size: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            media_type: media_type(path).to_owned(),
            role: role(path),
            redacted: role(path) == Role::Evidence,
        }
    }
}

/// Whether the manifest lists a file of this path.
fn is_listed(path: &str) -> bool {
    ![MANIFEST, SUMS, SSH_SIGNATURE, COSIGN_SIGNATURE].contains(&path)
}

/// Whether a path is one that a bundle can hold: relative, plain, and the same on every system.
pub fn is_path(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/@=+-".contains(c);
    !path.is_empty() && !path.starts_with('/') && !path.contains("..") && path.chars().all(plain)
}

/// What a file is for, by its place.
fn role(path: &str) -> Role {
    let (folder, file) = path.split_once('/').unwrap_or(("", path));
    match folder {
        "population" => Role::Population,
        "requests" => Role::Requests,
        "coverage" => Role::Coverage,
        "config" => Role::Config,
        "attachments" => Role::Attachment,
        "report" if file.starts_with("findings.") => Role::Findings,
        "report" if file.starts_with("controls.") => Role::Controls,
        "report" | "exports" => Role::Report,
        _ => Role::Evidence,
    }
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, end)| end) {
        "json" => "application/json",
        "jsonl" => "application/jsonl",
        "csv" => "text/csv",
        "html" => "text/html",
        "md" => "text/markdown",
        "yaml" => "application/yaml",
        "xml" => "application/xml",
        "txt" | "sha256" => "text/plain",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "application/octet-stream",
    }
}

/// A UUID (version 5) over `SHA-256  path` lines, as in the sums.
fn id(files: &[File]) -> String {
    let lines: Vec<String> = files
        .iter()
        .map(|file| format!("{}  {}\n", file.sha256, file.path))
        .collect();
    Uuid::new_v5(&Uuid::NAMESPACE_URL, lines.concat().as_bytes()).to_string()
}

fn identities(report: &Report) -> Vec<Identity> {
    let targets = report.targets.iter();
    targets
        .filter_map(|target| match target {
            Target::Aws {
                account, identity, ..
            } => Some(Identity {
                provider: "aws".to_owned(),
                account: Some(account.clone()),
                principal: identity.clone()?,
            }),
            Target::Kubernetes { identity, .. } => Some(Identity {
                provider: "kubernetes".to_owned(),
                account: None,
                principal: identity.clone()?,
            }),
            Target::Manifests { .. } => None,
        })
        .collect()
}

fn counts(report: &Report) -> BTreeMap<String, usize> {
    let controls = report.summary.controls.iter();
    let controls = controls.map(|(status, count)| (format!("controls_{status}"), *count));
    let checks = CheckStatus::ALL.into_iter().map(|status| {
        let count = report.summary.checks.get(&status);
        (format!("checks_{status}"), count.copied().unwrap_or(0))
    });
    let findings = &report.summary.findings;
    let findings = [
        ("pass", findings.pass),
        ("fail", findings.fail),
        ("unknown", findings.unknown),
        ("not_applicable", findings.not_applicable),
    ];
    let findings = findings.map(|(outcome, count)| (format!("findings_{outcome}"), count));
    controls.chain(checks).chain(findings).collect()
}

fn coverage(report: &Report) -> Coverage {
    let mut coverage = Coverage {
        complete: true,
        denied: 0,
        skipped: 0,
    };
    for row in &report.coverage {
        if let Seen::Unread(unread) = &row.seen {
            coverage.complete = false;
            match unread.reason {
                Reason::Denied => coverage.denied += 1,
                _ => coverage.skipped += 1,
            }
        }
    }
    coverage
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_plain() {
        for good in [
            "a",
            "report/report.json",
            "attachments/0f-Policy_4.1.pdf",
            "a/@b=c+d-e",
        ] {
            assert!(is_path(good), "{good}");
        }
        for bad in [
            "",
            "/etc/passwd",
            "../a",
            "a/../b",
            "a..b",
            "a b",
            "a\\b",
            "ä",
            "a\n",
        ] {
            assert!(!is_path(bad), "{bad:?}");
        }
    }
}

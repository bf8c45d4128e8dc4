//! `check --bundle`: a scan as evidence, with everything that its report follows from.

mod contents;
mod sign;

use std::ffi::OsString;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;

use super::Usage;
use super::output::{folder, try_folder};
use super::register::{self, Register};
use super::scope::Scope;
use super::source::{Evidence, Scan};
use crate::bundle::{self, ARCHIVE, Bundle, Files, MANIFEST, Manifest, SUMS};
use crate::evaluate::Document;
use crate::model::{CRITERIA_FILE, Report, TOPICS_FILE, Tool, sha256};
use crate::render::Format;
use crate::rules::Rulebook;
use crate::wire::Tape;

pub use contents::{
    ATTESTATIONS, Basis, PARTS, RULES, SCOPE, SNAPSHOT, WAIVERS, derived, format_at,
};
pub use sign::{Keys, Signature, Signer, check};

/// What is always in a bundle: for programs, for auditors, and for a page of a pull request.
const FORMATS: [Format; 3] = [Format::Json, Format::Html, Format::Markdown];

/// The longest name of an attached document.
const NAME: usize = 80;

#[derive(Debug, Args)]
#[group(skip)]
pub struct Arguments {
    /// Write the scan as evidence: a new folder in DIR, or the archive FILE.tar.zst.
    #[arg(long, value_name = "DIR|FILE.tar.zst", help_heading = "Evidence")]
    bundle: Option<PathBuf>,

    /// Keep the digests of attested documents in the bundle, and not the documents.
    #[arg(long, requires = "bundle", help_heading = "Evidence")]
    no_attach: bool,

    /// Sign the bundle: ssh:KEYFILE runs ssh-keygen, cosign or cosign:KEY runs cosign.
    #[arg(
        long,
        requires = "bundle",
        value_name = "SIGNER",
        help_heading = "Evidence"
    )]
    sign: Option<Signer>,
}

/// What a bundle is made from.
pub struct Making<'a> {
    pub rulebook: &'a Rulebook,
    pub register: &'a Register,
    pub scope: &'a Scope,
    pub scan: &'a Scan,
    /// Whether it was read from accounts, clusters or files now.
    pub live: bool,
    pub report: &'a Report,
    pub config: Option<&'a str>,
    /// The formats that were asked for; those of every bundle are added.
    pub formats: Vec<Format>,
    /// The command, its own name first.
    pub line: &'a [OsString],
    pub ended_at: Timestamp,
}

/// What to do about a place that cannot be written to.
const WRITABLE: &str = "name a folder that you may write to";

/// Where a bundle goes.
#[derive(Debug)]
pub struct Target<'a> {
    path: &'a Path,
    arguments: &'a Arguments,
}

impl Arguments {
    /// Where the bundle goes, if one is asked for; refused before anything is read if it cannot go there.
    pub fn target(&self) -> miette::Result<Option<Target<'_>>> {
        let Some(path) = &self.bundle else {
            return Ok(None);
        };
        let target = Target {
            path,
            arguments: self,
        };
        match target.wrong() {
            Some((message, help)) => Err(Usage::new(message, help).into()),
            None => Ok(Some(target)),
        }
    }
}

impl Target<'_> {
    fn is_archive(&self) -> bool {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().ends_with(ARCHIVE)
    }

    /// Why no bundle can go there, and what to do.
    fn wrong(&self) -> Option<(String, &'static str)> {
        let shown = self.path.display();
        if let Some(Signer::Ssh(key)) = &self.arguments.sign
            && !key.exists()
        {
            let help =
                "name the file of a private key, or of a public one whose key is in ssh-agent";
            return Some((format!("there is no key {}", key.display()), help));
        }
        if self.is_archive() && self.path.exists() {
            return Some((format!("{shown} is there already"), "name another file"));
        }
        if !self.is_archive() && self.path.exists() && !self.path.is_dir() {
            let help = "name a folder to write the bundle into, or a file ending in .tar.zst";
            return Some((format!("{shown} is no folder"), help));
        }
        if !self.is_archive() && Bundle::is_at(self.path) {
            let help =
                "name the folder that it is in: bundles lie beside each other and make a chain";
            return Some((format!("{shown} is a bundle or a tape itself"), help));
        }
        let error = try_folder(self.folder()).err()?;
        Some((self.unwritable(&error), WRITABLE))
    }

    fn unwritable(&self, error: &std::io::Error) -> String {
        let path = self.path.display();
        format!("cannot write the bundle to {path}: {error}")
    }

    /// The folder in which bundles make a chain.
    fn folder(&self) -> &Path {
        if !self.is_archive() {
            return self.path;
        }
        folder(self.path)
    }

    /// Writes the bundle and gives its path.
    pub fn write(&self, making: &Making<'_>) -> miette::Result<PathBuf> {
        let tape = making.tape()?;
        let mut files = making.files(tape.as_ref(), !self.arguments.no_attach)?;
        let failed = |error: std::io::Error| {
            let message = match error.kind() {
                ErrorKind::AlreadyExists => {
                    "the folder holds a bundle of the same scan with the same content".to_owned()
                }
                _ => self.unwritable(&error),
            };
            Usage::new(message, WRITABLE)
        };
        std::fs::create_dir_all(self.folder()).map_err(failed)?;
        // Two scans that end at once are to follow each other. Where folders cannot be locked, `verify` names a fork.
        let lock = File::open(self.folder()).and_then(|folder| folder.lock().map(|()| folder));
        let mut manifest = making.manifest(&files, tape.as_ref())?;
        let links = bundle::links(self.folder())
            .map_err(|error| Usage::new(error.to_string(), "name another folder for the bundle"))?;
        manifest.previous_manifest_sha256 = bundle::last(&links).map(|link| link.digest.clone());
        files.insert(MANIFEST.to_owned(), manifest.to_bytes());
        let sums = bundle::sums(&files);
        if let Some(signer) = &self.arguments.sign {
            let (name, signature) = signer.sign(sums.as_bytes())?;
            files.insert(name.to_owned(), signature);
        }
        files.insert(SUMS.to_owned(), sums.into_bytes());
        let name = manifest.name();
        let path = if self.is_archive() {
            bundle::write_archive(self.path, &name, &files)
                .map(|()| self.path.to_owned())
                .map_err(failed)?
        } else {
            bundle::write_folder(self.path, &name, &files).map_err(failed)?
        };
        drop(lock);
        Ok(path)
    }
}

impl Making<'_> {
    /// Everything but the manifest, the sums and a signature.
    fn files(&self, tape: Option<&Tape>, attach: bool) -> miette::Result<Files> {
        let mut files = Files::new();
        let mut add = |path: String, content: &[u8]| {
            files.insert(path, content.to_vec());
        };
        add(
            contents::SNAPSHOT.to_owned(),
            self.scan.snapshot.to_json_lines().as_bytes(),
        );
        match &self.scan.evidence {
            Evidence::Recording(recording) => {
                for (name, text) in recording.files() {
                    add(format!("evidence/{name}"), text.as_bytes());
                }
            }
            Evidence::Files(read) => add(
                contents::FILES_READ.to_owned(),
                contents::files_read(read).as_bytes(),
            ),
            Evidence::NotKept => {}
        }
        for rule in &self.rulebook.rules {
            let path = rule.id.replace('.', "/");
            add(
                format!("{}/{path}.yaml", contents::RULES),
                rule.text.as_bytes(),
            );
        }
        add("config/criteria.yaml".to_owned(), CRITERIA_FILE.as_bytes());
        add("config/topics.yaml".to_owned(), TOPICS_FILE.as_bytes());
        add(
            contents::SCOPE.to_owned(),
            contents::pretty(self.scope).as_bytes(),
        );
        let written = [
            ("config/soc2scan.yaml", self.config),
            (contents::WAIVERS, text(&self.register.waivers_file)),
            (
                contents::ATTESTATIONS,
                text(&self.register.attestations_file),
            ),
        ];
        for (path, text) in written {
            if let Some(text) = text {
                add(path.to_owned(), text.as_bytes());
            }
        }
        if attach {
            self.attach(&mut files)?;
        }
        let basis = Basis {
            report: self.report,
            snapshot: &self.scan.snapshot,
            tape,
        };
        let formats = FORMATS.into_iter().chain(self.formats.iter().copied());
        files.extend(derived(&basis, formats));
        match files.keys().find(|path| !bundle::is_path(path)) {
            Some(path) => {
                let help = "give it a name of letters, digits and ._-";
                Err(Usage::new(format!("a bundle cannot hold {path:?}"), help).into())
            }
            None => Ok(files),
        }
    }

    /// Adds the documents of attestations, which must still be what was judged.
    fn attach(&self, files: &mut Files) -> miette::Result<()> {
        let Some(attestations) = &self.register.attestations_file else {
            return Ok(());
        };
        for (written, document) in &self.register.documents {
            let Document::Sha256(digest) = document else {
                continue;
            };
            let bytes = attestations.document(written);
            let bytes = bytes.ok().filter(|bytes| sha256(bytes) == *digest);
            let bytes = bytes.ok_or_else(|| {
                let message = format!("{written} changed while it was read");
                Usage::new(message, "scan again")
            })?;
            files.insert(attachment(digest, written), bytes);
        }
        Ok(())
    }

    fn tape(&self) -> miette::Result<Option<Tape>> {
        let Evidence::Recording(recording) = &self.scan.evidence else {
            return Ok(None);
        };
        let tape = recording.tape().map_err(|error| {
            Usage::new(error.to_string(), "record the tape again with this version")
        })?;
        Ok(Some(tape))
    }

    fn manifest(&self, files: &Files, tape: Option<&Tape>) -> miette::Result<Manifest> {
        let binary = std::env::current_exe().and_then(std::fs::read);
        let binary = binary.map_err(|error| {
            let message = format!("cannot read the program that runs: {error}");
            Usage::new(message, "run soc2scan from a file that may be read")
        })?;
        let this = Tool::this();
        let said = self.line.iter().skip(1);
        let said = said.map(|word| word.to_string_lossy().into_owned());
        let tool = bundle::Tool {
            name: this.name.clone(),
            version: this.version,
            binary_sha256: sha256(&binary),
            ruleset_sha256: String::new(),
            mapping_sha256: String::new(),
        };
        let scan = bundle::Scan {
            mode: if self.live { "live" } else { "replay" }.to_owned(),
            started_at: self.report.taken_at,
            ended_at: match tape {
                Some(tape) if !self.live => self.last_answer(tape),
                _ => self.ended_at,
            },
            evidence: String::new(),
            identities: Vec::new(),
            scope_sha256: None,
            waivers_sha256: None,
            attestations_sha256: None,
            command_line: [this.name.clone()].into_iter().chain(said).collect(),
        };
        Ok(Manifest::of(tool, scan, self.report, files))
    }

    /// The date of the last answer on the tape: when the scan that it recorded ended, as far as the tape knows.
    fn last_answer(&self, tape: &Tape) -> Timestamp {
        let requests = crate::wire::requests(tape, None);
        let dates = requests.iter().filter_map(|request| request.date);
        let dates = dates.filter_map(|date| jiff::fmt::rfc2822::parse(date).ok());
        let dates = dates.map(|date| date.timestamp());
        dates.fold(self.report.taken_at, Timestamp::max)
    }
}

fn text(file: &Option<register::File>) -> Option<&str> {
    file.as_ref().map(|file| file.text.as_str())
}

/// Where an attested document lies in a bundle: under its digest, with a name that is the same on every system.
pub fn attachment(digest: &str, written: &str) -> String {
    let name = written.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name
        .chars()
        .map(|c| match c {
            c if c.is_ascii_alphanumeric() || "._-".contains(c) => c,
            _ => '_',
        })
        .collect();
    let mut name = name.replace("..", "_");
    // The end tells what kind of file it is.
    if name.len() > NAME {
        name = name.split_off(name.len() - NAME);
    }
    format!("attachments/{digest}-{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_keeps_its_name_as_far_as_every_system_can() {
        let long = format!("{}.pdf", "x".repeat(200));
        for (written, name) in [
            ("policies/infosec.md", "infosec.md"),
            (
                "../Zugriffs richtlinie (ü).pdf",
                "Zugriffs_richtlinie____.pdf",
            ),
            ("a...b", "a_.b"),
            ("c:\\docs\\plan.docx", "plan.docx"),
            (long.as_str(), long.get(124..).unwrap()),
        ] {
            let path = attachment(&"0".repeat(64), written);
            assert_eq!(path, format!("attachments/{}-{name}", "0".repeat(64)));
            assert!(bundle::is_path(&path), "{path}");
        }
    }
}

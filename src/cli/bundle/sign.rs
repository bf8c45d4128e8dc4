//! Signatures over `SHA256SUMS`, made and checked by the programs that people have keys for.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::str::FromStr;

use clap::Args;

use crate::bundle::{Bundle, COSIGN_SIGNATURE, SSH_SIGNATURE, SUMS};
use crate::cli::Usage;

/// What a signature by ssh-keygen is for, so that none made for another purpose is taken for it.
const NAMESPACE: &str = "soc2scan";

/// Who signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    Ssh(PathBuf),
    /// With a key, or with the identity that cosign asks for.
    Cosign(Option<String>),
}

impl FromStr for Signer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':').unwrap_or((text, "")) {
            ("ssh", key) if !key.is_empty() => Ok(Signer::Ssh(PathBuf::from(key))),
            ("cosign", "") => Ok(Signer::Cosign(None)),
            ("cosign", key) => Ok(Signer::Cosign(Some(key.to_owned()))),
            _ => Err("it is ssh:KEYFILE, cosign or cosign:KEY".to_owned()),
        }
    }
}

impl Signer {
    /// The file that the signature is kept in, and the signature.
    pub fn sign(&self, sums: &[u8]) -> miette::Result<(&'static str, Vec<u8>)> {
        let made = || {
            let folder = tempfile::tempdir()?;
            let file = folder.path().join(SUMS);
            fs::write(&file, sums)?;
            let mut command = match self {
                Signer::Ssh(key) => {
                    let mut command = Command::new("ssh-keygen");
                    command.args(["-Y", "sign", "-n", NAMESPACE, "-f"]).arg(key);
                    command
                }
                Signer::Cosign(key) => {
                    let mut command = Command::new("cosign");
                    let bundle = folder.path().join(COSIGN_SIGNATURE);
                    command.args(["sign-blob", "--yes", "--bundle"]).arg(bundle);
                    if let Some(key) = key {
                        command.args(["--key", key]);
                    }
                    command
                }
            };
            // Both may ask for a passphrase or a browser, on the terminal.
            let status = command.arg(&file).stdout(Stdio::null()).status()?;
            if !status.success() {
                return Err(std::io::Error::other(format!("it ended with {status}")));
            }
            fs::read(folder.path().join(self.file()))
        };
        let signature = made().map_err(|error| {
            let program = match self {
                Signer::Ssh(_) => "ssh-keygen",
                Signer::Cosign(_) => "cosign",
            };
            let help = "no bundle was written; docs/bundle.md says how to sign one by hand";
            Usage::new(format!("cannot sign with {program}: {error}"), help)
        })?;
        Ok((self.file(), signature))
    }

    fn file(&self) -> &'static str {
        match self {
            Signer::Ssh(_) => SSH_SIGNATURE,
            Signer::Cosign(_) => COSIGN_SIGNATURE,
        }
    }
}

/// Whose signature is good.
#[derive(Debug, Default, Args)]
#[group(skip)]
pub struct Keys {
    /// Check a signature by ssh-keygen against this file of allowed signers; see ssh-keygen(1).
    #[arg(
        long,
        value_name = "FILE",
        requires = "identity",
        help_heading = "Signature"
    )]
    allowed_signers: Option<PathBuf>,

    /// Who signed: a principal of the allowed signers, or the identity in a certificate of cosign.
    #[arg(long, value_name = "WHO", help_heading = "Signature")]
    identity: Option<String>,

    /// Check a signature by cosign with this public key.
    #[arg(
        long,
        value_name = "KEY",
        conflicts_with = "issuer",
        help_heading = "Signature"
    )]
    key: Option<String>,

    /// Check a signature by cosign that was made without a key: who vouched for the identity.
    #[arg(
        long,
        value_name = "URL",
        requires = "identity",
        help_heading = "Signature"
    )]
    issuer: Option<String>,
}

/// What there is to say of a signature: that it is good, or why not; or that nobody checked.
pub enum Signature {
    Good(String),
    Bad(String),
    Unchecked(String),
}

/// Each signature of a bundle, and each that was asked for.
pub fn check(bundle: &Bundle, keys: &Keys) -> Vec<(&'static str, Signature)> {
    let ssh = keys.allowed_signers.is_some();
    let cosign = keys.key.is_some() || keys.issuer.is_some();
    let mut checked = Vec::new();
    for (file, asked, options) in [
        (SSH_SIGNATURE, ssh, "--allowed-signers FILE --identity WHO"),
        (COSIGN_SIGNATURE, cosign, "--key KEY"),
    ] {
        let signature = bundle.files.get(file);
        let said = match (signature, asked) {
            (None, false) => continue,
            (None, true) => Signature::Bad("is missing".to_owned()),
            (Some(_), false) => Signature::Unchecked(format!("is there, not checked: {options}")),
            (Some(signature), true) => {
                let sums = bundle.files.get(SUMS).map(Vec::as_slice);
                match run(file, signature, sums.unwrap_or_default(), keys) {
                    Ok(output) if output.status.success() => {
                        Signature::Good(match &keys.identity {
                            Some(who) => format!("by {who}"),
                            None => "by that key".to_owned(),
                        })
                    }
                    Ok(output) => Signature::Bad(format!("is not good: {}", last_line(&output))),
                    Err(error) => Signature::Bad(format!("cannot be checked: {error}")),
                }
            }
        };
        checked.push((file, said));
    }
    checked
}

fn run(file: &str, signature: &[u8], sums: &[u8], keys: &Keys) -> std::io::Result<Output> {
    let folder = tempfile::tempdir()?;
    let (signed, beside) = (folder.path().join(SUMS), folder.path().join(file));
    fs::write(&signed, sums)?;
    fs::write(&beside, signature)?;
    let who = keys.identity.as_deref().unwrap_or_default();
    let mut command;
    if file == SSH_SIGNATURE {
        command = Command::new("ssh-keygen");
        command.args(["-Y", "verify", "-n", NAMESPACE, "-I", who, "-f"]);
        command.arg(keys.allowed_signers.as_deref().unwrap_or("".as_ref()));
        command.arg("-s").arg(&beside);
    } else {
        command = Command::new("cosign");
        command.args(["verify-blob", "--bundle"]).arg(&beside);
        match (&keys.key, &keys.issuer) {
            (Some(key), _) => command.args(["--key", key]),
            (None, issuer) => command
                .args(["--certificate-identity", who, "--certificate-oidc-issuer"])
                .arg(issuer.as_deref().unwrap_or_default()),
        };
        command.arg(&signed);
    }
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // Who does not read it has its own way to the file.
        let _ = stdin.write_all(sums);
    }
    child.wait_with_output()
}

/// The last thing that a program said, as one short line.
fn last_line(output: &Output) -> String {
    let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    let mut lines = said.iter().flat_map(|text| text.lines());
    let line = lines.rfind(|line| !line.trim().is_empty());
    let line: String = line
        .unwrap_or("nothing was said")
        .chars()
        .take(200)
        .collect();
    crate::render::clean(&line)
}

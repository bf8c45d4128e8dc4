//! Loading: rule files from the program itself and from a directory become a rulebook, or everything that is wrong with them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::cases::{Case, CaseResult, run_case};
use super::check::check;
use super::embedded::is_embedded;
use super::file;
use super::rule::Rule;
use super::unread::UnreadCase;
use crate::expr::suggest;
use crate::model::{Schema, sha256};
use crate::yaml;
use crate::yaml::{File, FileError as RuleError};

/// No rule needs more; a file that does is none.
const MAX_FILE: usize = 256 * 1024;
const MAX_DEPTH: usize = 16;

/// A rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The directory that `path` is below, for messages.
    pub root: String,
    /// `aws/rds/pitr.yaml`: the id that the file must have, and what a file of the same path replaces.
    pub path: String,
    pub text: String,
}

impl Source {
    /// A rule file below `rules/`.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            root: "rules".to_owned(),
            path: path.into(),
            text: text.into(),
        }
    }

    /// The file as it is named in messages.
    pub fn shown(&self) -> String {
        format!("{}/{}", self.root, self.path)
    }

    /// The id that the path says.
    pub fn id(&self) -> String {
        self.path
            .strip_suffix(".yaml")
            .unwrap_or(&self.path)
            .replace('/', ".")
    }
}

/// Valid rules, sorted by id.
#[derive(Clone, Debug, Default)]
pub struct Rulebook {
    pub rules: Vec<Rule>,
    /// SHA-256 over the files, each with its path, in order.
    pub digest: String,
}

/// Loads rule files; of those with the same path, the last counts. All errors of all files are told at once.
///
/// The cases of rules that are part of the program are not run again: they held when it was built.
pub fn load(sources: &[Source], schema: &Schema) -> Result<Rulebook, Vec<RuleError>> {
    let (rulebook, mut errors) = read(sources, schema);
    let rules = rulebook.rules.iter();
    let rules = rules.filter(|rule| !is_embedded(&rule.id, &rule.text));
    errors.extend(rules.flat_map(broken_cases));
    done(rulebook, errors)
}

/// Loads rule files, and runs the cases of all of them.
pub fn prove(sources: &[Source], schema: &Schema) -> Result<Rulebook, Vec<RuleError>> {
    let (rulebook, mut errors) = read(sources, schema);
    errors.extend(rulebook.rules.iter().flat_map(broken_cases));
    done(rulebook, errors)
}

/// Loads rule files without running their cases, to run them one by one.
pub fn compile(sources: &[Source], schema: &Schema) -> Result<Rulebook, Vec<RuleError>> {
    let (rulebook, errors) = read(sources, schema);
    done(rulebook, errors)
}

fn done(rulebook: Rulebook, mut errors: Vec<RuleError>) -> Result<Rulebook, Vec<RuleError>> {
    if errors.is_empty() {
        return Ok(rulebook);
    }
    errors.sort_by(|a, b| a.key().cmp(&b.key()));
    Err(errors)
}

fn read(sources: &[Source], schema: &Schema) -> (Rulebook, Vec<RuleError>) {
    let files: BTreeMap<_, _> = sources
        .iter()
        .map(|source| (&source.path, source))
        .collect();
    let mut errors = Vec::new();
    let mut rules = Vec::new();
    let mut ids: BTreeMap<String, String> = BTreeMap::new();
    let mut digested = String::new();
    let mut alternatives = Vec::new();
    for source in files.into_values() {
        digested.push_str(&format!(
            "{} {}\n",
            sha256(source.text.as_bytes()),
            source.path
        ));
        let file = File::new(&source.shown(), &source.text);
        if source.text.len() > MAX_FILE {
            let message = format!("the file is larger than {MAX_FILE} bytes");
            errors.push(
                file.error(&(0..0), message)
                    .help("a rule is one short file"),
            );
            continue;
        }
        let root = match yaml::parse(&source.text) {
            Ok(root) => root,
            Err(error) => {
                errors.push(file.not_yaml(&error));
                continue;
            }
        };
        if root.is_null() {
            let help = format!("write one with `soc2scan rules new {}`", source.id());
            errors.push(file.error(&(0..0), "the file is empty").help(help));
            continue;
        }
        let written = file::read(&root, &file, &mut errors);
        if let Some(id) = &written.id {
            match ids.get(&id.value) {
                Some(other) => errors.push(
                    file.error(
                        &id.place,
                        format!("the id `{}` is already that of {other}", id.value),
                    )
                    .help("give each rule its own id"),
                ),
                None => {
                    ids.insert(id.value.clone(), source.shown());
                }
            }
        }
        rules.extend(check(&written, source, &file, schema, &mut errors));
        alternatives.push((file, written.any_of));
    }
    for (file, any_of) in &alternatives {
        for id in any_of.iter().filter(|id| !ids.contains_key(&id.value)) {
            let help = suggest(&id.value, ids.keys().map(String::as_str));
            errors.push(
                file.error(&id.place, format!("there is no rule `{}`", id.value))
                    .help(help.unwrap_or_else(|| "see `soc2scan rules list`".to_owned())),
            );
        }
    }
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    let digest = sha256(digested.as_bytes());
    (Rulebook { rules, digest }, errors)
}

/// The cases of a rule that do not hold.
fn broken_cases(rule: &Rule) -> Vec<RuleError> {
    let results = rule.cases.iter().map(|case| (case, run_case(rule, case)));
    results
        .filter(|(_, result)| !result.holds())
        .map(|(case, result)| broken_case(rule, case, &result))
        .collect()
}

/// Tells that a case does not hold, at its place in the rule's file.
pub fn broken_case(rule: &Rule, case: &Case, result: &CaseResult) -> RuleError {
    File::new(&rule.path, &rule.text)
        .error(
            &case.place,
            format!("the case `{}` does not hold", case.name),
        )
        .label("this case")
        .help(result.explain())
}

/// Tells that a machine-made case does not hold, at the place of the case that it was made from.
pub fn broken_unread_case(rule: &Rule, case: &UnreadCase, why: &str) -> RuleError {
    File::new(&rule.path, &rule.text)
        .error(
            case.place(),
            format!(
                "the verdict rests on a fact that was not read: {}",
                case.name
            ),
        )
        .label("made from this case")
        .help(why.to_owned())
}

/// Why a parameter cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum ParamError {
    #[error("there is no rule `{rule}`")]
    NoRule {
        rule: String,
        #[help]
        help: Option<String>,
    },
    #[error("the rule {rule} has no parameter `{param}`")]
    NoParam {
        rule: String,
        param: String,
        #[help]
        help: Option<String>,
    },
    #[error("the parameter `{param}` of {rule} cannot be set: {why}")]
    Misfit {
        rule: String,
        param: String,
        why: String,
        #[help]
        help: Option<String>,
    },
}

impl Rulebook {
    /// The rule with this id.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        let at = self
            .rules
            .binary_search_by(|rule| rule.id.as_str().cmp(id))
            .ok()?;
        self.rules.get(at)
    }

    /// What to say to a rule id that there is none of.
    pub fn suggest(&self, id: &str) -> Option<String> {
        suggest(id, self.rules.iter().map(|rule| rule.id.as_str()))
    }

    /// Sets a parameter within its bounds.
    pub fn set_param(&mut self, rule: &str, param: &str, value: Value) -> Result<(), ParamError> {
        let no_rule = self.suggest(rule);
        let Some(found) = self.rules.iter_mut().find(|known| known.id == rule) else {
            return Err(ParamError::NoRule {
                rule: rule.to_owned(),
                help: no_rule,
            });
        };
        let no_param = suggest(param, found.params.keys().map(String::as_str));
        let Some(known) = found.params.get_mut(param) else {
            return Err(ParamError::NoParam {
                rule: rule.to_owned(),
                param: param.to_owned(),
                help: no_param,
            });
        };
        known.admits(&value).map_err(|misfit| ParamError::Misfit {
            rule: rule.to_owned(),
            param: param.to_owned(),
            why: misfit.to_string(),
            help: (!known.about.is_empty()).then(|| format!("it is: {}", known.about)),
        })?;
        known.value = value;
        Ok(())
    }
}

/// Why a directory of rules cannot be read.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ReadError {
    #[error("cannot read {}", .path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{} is not text", .path.display())]
    #[diagnostic(help("a rule file is UTF-8"))]
    NotText { path: PathBuf },
    #[error("{} does not end in .yaml", .path.display())]
    #[diagnostic(help("rename it to .yaml, so that it cannot be overlooked"))]
    Ending { path: PathBuf },
    #[error("{} is nested too deeply", .path.display())]
    Depth { path: PathBuf },
    #[error("there are no rule files in {}", .path.display())]
    #[diagnostic(help("a rule file ends in .yaml; write one with `soc2scan rules new ID`"))]
    Empty { path: PathBuf },
}

/// The rule files of a directory and those below it, in order. Hidden files and other formats are left alone.
pub fn read_dir(root: &Path) -> Result<Vec<Source>, ReadError> {
    let mut sources = Vec::new();
    walk(root, root, 0, &mut sources)?;
    if sources.is_empty() {
        return Err(ReadError::Empty {
            path: root.to_owned(),
        });
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

fn walk(
    root: &Path,
    directory: &Path,
    depth: usize,
    sources: &mut Vec<Source>,
) -> Result<(), ReadError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        |source| ReadError::Io { path, source }
    };
    if depth > MAX_DEPTH {
        return Err(ReadError::Depth {
            path: directory.to_owned(),
        });
    }
    for entry in fs::read_dir(directory).map_err(io(directory))? {
        let path = entry.map_err(io(directory))?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if fs::metadata(&path).map_err(io(&path))?.is_dir() {
            walk(root, &path, depth + 1, sources)?;
            continue;
        }
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("yaml") => {}
            Some("yml") => return Err(ReadError::Ending { path }),
            _ => continue,
        }
        let bytes = fs::read(&path).map_err(io(&path))?;
        let Ok(text) = String::from_utf8(bytes) else {
            return Err(ReadError::NotText { path });
        };
        let below = path.strip_prefix(root).unwrap_or(&path);
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        sources.push(Source {
            root: root.display().to_string().trim_end_matches('/').to_owned(),
            path: parts.join("/"),
            text,
        });
    }
    Ok(())
}

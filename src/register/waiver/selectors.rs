//! What a waiver is about: selectors, all of which a resource must meet.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Platform, Scope};
use crate::register::Glob;
use crate::yaml::{Node, Reader, Text};

/// Selectors of a waiver; one that is absent lets everything through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selectors {
    pub provider: Option<Platform>,
    pub account: Option<Glob>,
    pub region: Option<Glob>,
    pub cluster: Option<Glob>,
    pub namespace: Option<Glob>,
    /// Over the resource's id.
    pub resource: Option<Glob>,
    /// Tags of AWS, labels of Kubernetes: every one of them must be there.
    pub tags: BTreeMap<String, Glob>,
}

const KEYS: [&str; 7] = [
    "provider",
    "account",
    "region",
    "cluster",
    "namespace",
    "resource",
    "tags",
];

/// Parts of an id that every id of a platform may have.
const EVERYWHERE: [&str; 5] = ["arn", "aws", "aws-cn", "aws-us-gov", "k8s"];

impl Selectors {
    /// Whether all selectors are met. `tags` are asked for only where a selector is about them, and are absent where
    /// they could not be read.
    pub fn match_resource(
        &self,
        scope: &Scope,
        id: &str,
        tags: impl FnOnce() -> Option<BTreeMap<String, String>>,
    ) -> bool {
        let meets = |glob: &Option<Glob>, text: Option<&str>| match (glob, text) {
            (None, _) => true,
            (Some(glob), Some(text)) => glob.matches(text),
            (Some(_), None) => false,
        };
        let (account, region, cluster, namespace) = match scope {
            Scope::Aws { account, region } => {
                (Some(account.as_str()), region.as_deref(), None, None)
            }
            Scope::Kubernetes { cluster, namespace } => {
                (None, None, Some(cluster.as_str()), namespace.as_deref())
            }
        };
        self.provider
            .is_none_or(|platform| platform == scope.platform())
            && meets(&self.account, account)
            && meets(&self.region, region)
            && meets(&self.cluster, cluster)
            && meets(&self.namespace, namespace)
            && meets(&self.resource, Some(id))
            && (self.tags.is_empty()
                || tags().is_some_and(|found| {
                    self.tags
                        .iter()
                        .all(|(key, glob)| found.get(key).is_some_and(|value| glob.matches(value)))
                }))
    }

    /// How much it narrows down: the selectors that do, then the characters that must be as written.
    pub fn specificity(&self) -> (usize, usize) {
        let globs = self.globs();
        let narrow = globs.iter().filter(|(_, glob)| !glob.is_anything()).count();
        let literal = globs.iter().map(|(_, glob)| glob.literal()).sum();
        (narrow, literal)
    }

    /// Whether nothing in it tells one resource of a check from another.
    fn is_broad(&self) -> bool {
        self.tags.is_empty()
            && self.globs().iter().all(|(name, glob)| {
                glob.is_anything()
                    || (name == "resource"
                        && (means_a_kind(glob.as_str())
                            || glob
                                .as_str()
                                .split([':', '/', '*', '?'])
                                .all(|part| part.is_empty() || EVERYWHERE.contains(&part))))
            })
    }

    fn globs(&self) -> Vec<(String, &Glob)> {
        let named = [
            ("account", &self.account),
            ("region", &self.region),
            ("cluster", &self.cluster),
            ("namespace", &self.namespace),
            ("resource", &self.resource),
        ];
        let named = named
            .into_iter()
            .filter_map(|(name, glob)| Some((name.to_owned(), glob.as_ref()?)));
        let tags = self
            .tags
            .iter()
            .map(|(key, glob)| (format!("tags.{key}"), glob));
        named.chain(tags).collect()
    }

    /// Each selector as text.
    pub fn shown(&self) -> BTreeMap<String, String> {
        let mut shown: BTreeMap<_, _> = self
            .globs()
            .into_iter()
            .map(|(name, glob)| (name, glob.as_str().to_owned()))
            .collect();
        if let Some(platform) = self.provider {
            shown.insert("provider".to_owned(), platform.as_str().to_owned());
        }
        shown
    }
}

/// Whether a pattern of ids tells no more than a service or a kind: `arn:aws:rds:*:*:db:*`, `k8s://*/Pod/*`.
fn means_a_kind(pattern: &str) -> bool {
    let wild = |part: &str| part.chars().all(|c| matches!(c, '*' | '?'));
    if let Some(rest) = pattern.strip_prefix("k8s://") {
        // Of cluster, namespace, kind and name only the kind begins with a capital.
        let mut parts = rest.split('/');
        let (cluster, name) = (parts.next(), parts.next_back());
        let kind = |part: &str| part.starts_with(|c: char| c.is_ascii_uppercase());
        return cluster.is_none_or(wild)
            && name.is_none_or(wild)
            && parts.all(|part| wild(part) || kind(part));
    }
    let mut parts = pattern.splitn(6, ':');
    if parts.next() != Some("arn") {
        return false;
    }
    // Region and account, then the type and the name; a star earlier swallows what follows.
    let (_, _) = (parts.next(), parts.next());
    let place_is_wild = parts.by_ref().take(2).all(wild);
    let resource = parts.next().unwrap_or_default();
    let name = resource.split_once([':', '/']);
    place_is_wild
        && name
            .map_or(resource, |(_, name)| name)
            .split([':', '/'])
            .all(wild)
}

/// Reads `match`. `platforms` are those of the check, where it is known.
pub(super) fn read(
    reader: &mut Reader,
    key: &Text,
    node: &Node,
    platforms: Option<&BTreeSet<Platform>>,
    allow_broad: bool,
) -> Option<Selectors> {
    let told = reader.errors.len();
    let fields = reader.fields_or(node, "`match`", &KEYS, |key| match key {
        "outcome" | "status" => {
            Some("a waiver is about failures only: what is unknown has to be read")
        }
        "control" | "controls" => Some("a waiver cannot be about a criterion"),
        "id" | "arn" | "name" => Some("did you mean `resource`?"),
        "labels" => Some("labels are selected by `tags`"),
        _ => None,
    })?;
    if fields.is_empty() {
        if reader.errors.len() > told {
            return None;
        }
        reader
            .error(&key.place, "`match` has no selector")
            .help(format!("give at least one of: {}", KEYS.join(", ")));
        return None;
    }
    let mut selectors = Selectors::default();
    for (key, node) in fields {
        let of = match key.value.as_str() {
            "account" | "region" => Some(Platform::Aws),
            "cluster" | "namespace" => Some(Platform::Kubernetes),
            _ => None,
        };
        if let (Some(of), Some(platforms)) = (of, platforms)
            && !platforms.contains(&of)
        {
            reader
                .error(
                    &key.place,
                    format!("the check is not about {of}: nothing has a {}", key.value),
                )
                .help(match of {
                    Platform::Aws => "select by cluster, namespace, resource or tags",
                    Platform::Kubernetes => "select by account, region, resource or tags",
                });
            continue;
        }
        if key.value == "provider" {
            let providers = Platform::ALL.map(|platform| (platform.as_str(), platform));
            selectors.provider = reader.word(key, node, &providers);
            if let (Some(chosen), Some(platforms)) = (selectors.provider, platforms)
                && !platforms.contains(&chosen)
            {
                reader
                    .error(&node.place, format!("the check is not about {chosen}"))
                    .help("the provider is that of the check's id");
            }
            continue;
        }
        if key.value == "tags" {
            let tags = reader.entries(node, "`tags`").unwrap_or_default();
            for (key, node) in tags {
                if let Some(value) = reader.line(key, node) {
                    selectors
                        .tags
                        .insert(key.value.clone(), Glob::new(value.value));
                }
            }
            if selectors.tags.is_empty() && reader.errors.len() == told {
                reader
                    .error(&key.place, "`tags` names no tag")
                    .help("write a tag and its value: tags: { environment: sandbox }");
            }
            continue;
        }
        let glob = reader.line(key, node).map(|text| Glob::new(text.value));
        match key.value.as_str() {
            "account" => selectors.account = glob,
            "region" => selectors.region = glob,
            "cluster" => selectors.cluster = glob,
            "namespace" => selectors.namespace = glob,
            _ => selectors.resource = glob,
        }
    }
    if reader.errors.len() > told {
        return None;
    }
    if selectors.is_broad() && !allow_broad {
        reader
            .error(&key.place, "`match` means every resource of the check")
            .help("narrow it down, or say that it is meant so: allow_broad: true");
        return None;
    }
    Some(selectors)
}

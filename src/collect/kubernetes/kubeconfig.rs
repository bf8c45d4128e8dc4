//! Which cluster to talk to: the kubeconfig and its context, or the service account of the pod that this runs in.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use kube::Config;
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use thiserror::Error;

use super::Options;
use super::proxy::Proxies;
use crate::suggest::nearest;

/// Why a scan of Kubernetes cannot begin.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Nothing speaks of a cluster: not an error, unless Kubernetes was asked for.
    #[error("no Kubernetes cluster is configured")]
    NotConfigured,
    #[error("{named_by} names the kubeconfig {}, which does not exist", path.display())]
    Missing {
        path: PathBuf,
        named_by: &'static str,
    },
    #[error("cannot read the kubeconfig {}: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the kubeconfig {}{} is malformed: {message}", path.display(), line.map(|line| format!(" line {line}")).unwrap_or_default())]
    Malformed {
        path: PathBuf,
        line: Option<u64>,
        message: String,
    },
    #[error("there is no context {wanted:?} in the kubeconfig")]
    UnknownContext {
        wanted: String,
        suggestion: Option<String>,
        known: Vec<String>,
    },
    #[error("the kubeconfig has no current context")]
    NoCurrentContext { known: Vec<String> },
    #[error("the context {context:?} of the kubeconfig cannot be used: {message}")]
    Unusable { context: String, message: String },
    #[error("the pod's service account cannot be used: {0}")]
    InCluster(String),
    /// A replay whose options name no cluster.
    #[error("the recording does not say which cluster it is of")]
    NoCluster,
}

impl OpenError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            OpenError::NotConfigured => {
                "set KUBECONFIG, or on EKS run: aws eks update-kubeconfig --name CLUSTER".to_owned()
            }
            OpenError::Missing { .. } | OpenError::Read { .. } => {
                "name a file that exists and can be read".to_owned()
            }
            OpenError::Malformed { .. } => {
                "kubectl config view --kubeconfig FILE shows what kubectl makes of it".to_owned()
            }
            OpenError::UnknownContext {
                suggestion: Some(name),
                known,
                ..
            } => format!("did you mean {name:?}? {}", listed(known)),
            OpenError::UnknownContext { known, .. } => listed(known),
            OpenError::NoCurrentContext { known } => {
                format!("choose one with --context; {}", listed(known))
            }
            OpenError::Unusable { .. } => {
                "kubectl --context CONTEXT version shows whether kubectl can use it".to_owned()
            }
            OpenError::InCluster(_) => {
                "mount a service account token into the pod, or name a kubeconfig".to_owned()
            }
            OpenError::NoCluster => {
                "record again: the options of the recording must be those of the session".to_owned()
            }
        }
    }
}

fn listed(known: &[String]) -> String {
    if known.is_empty() {
        "the kubeconfig has no contexts".to_owned()
    } else {
        format!("its contexts are {}", known.join(", "))
    }
}

/// What the environment says of clusters.
#[derive(Clone, Debug, Default)]
pub(super) struct Surroundings {
    /// `KUBECONFIG`.
    pub kubeconfig: Option<OsString>,
    pub home: Option<PathBuf>,
    /// Whether this runs in a pod that can reach its API server.
    pub in_cluster: bool,
    pub proxies: Proxies,
}

impl Surroundings {
    /// Those of this process: kube reads the same, but does not say which file is wrong.
    pub fn read() -> Self {
        Self {
            kubeconfig: std::env::var_os("KUBECONFIG"),
            home: std::env::home_dir(),
            in_cluster: std::env::var_os("KUBERNETES_SERVICE_HOST").is_some(),
            proxies: Proxies::read(),
        }
    }
}

/// A cluster to talk to.
#[derive(Debug)]
pub(super) struct Chosen {
    pub config: Config,
    pub cluster: String,
    pub context: Option<String>,
}

/// Finds the cluster that the options and the environment mean.
pub(super) async fn choose(
    options: &Options,
    surroundings: &Surroundings,
) -> Result<Chosen, OpenError> {
    let merged = read(&files(options.kubeconfig.as_deref(), surroundings)?)?;
    let known: Vec<String> = merged.contexts.iter().map(|c| c.name.clone()).collect();
    let current = merged.current_context.clone();
    let current = current.filter(|name| !name.is_empty());
    let Some(name) = options.context.clone().or(current) else {
        return match known.is_empty() {
            false => Err(OpenError::NoCurrentContext { known }),
            true if surroundings.in_cluster && options.kubeconfig.is_none() => in_cluster(),
            true => Err(OpenError::NotConfigured),
        };
    };
    let found = merged.contexts.iter().find(|context| context.name == name);
    let Some(context) = found.and_then(|found| found.context.as_ref()) else {
        return Err(OpenError::UnknownContext {
            suggestion: nearest(&name, known.iter().map(String::as_str)).map(str::to_owned),
            wanted: name,
            known,
        });
    };
    let cluster = cluster_name(&context.cluster).to_owned();
    let chosen = KubeConfigOptions {
        context: Some(name.clone()),
        ..KubeConfigOptions::default()
    };
    let own_proxy = merged.clusters.iter().any(|named| {
        let proxy = named.cluster.as_ref().and_then(|c| c.proxy_url.as_deref());
        named.name == context.cluster && proxy.is_some_and(|proxy| !proxy.is_empty())
    });
    match Config::from_custom_kubeconfig(merged, &chosen).await {
        Ok(mut config) => {
            if !own_proxy {
                config.proxy_url = surroundings.proxies.for_server(&config.cluster_url);
            }
            Ok(Chosen {
                config,
                cluster,
                context: Some(name),
            })
        }
        Err(error) => Err(OpenError::Unusable {
            context: name,
            message: unusable(&error),
        }),
    }
}

/// The kubeconfig files to merge, in order; none where nothing names one and the default does not exist.
fn files(explicit: Option<&Path>, surroundings: &Surroundings) -> Result<Vec<PathBuf>, OpenError> {
    if let Some(path) = explicit {
        return existing(vec![path.to_owned()], "--kubeconfig");
    }
    let listed: Vec<PathBuf> = surroundings
        .kubeconfig
        .as_deref()
        .map(|paths: &OsStr| std::env::split_paths(paths).collect())
        .unwrap_or_default();
    let listed: Vec<PathBuf> = listed
        .into_iter()
        .filter(|path| !path.as_os_str().is_empty())
        .collect();
    if !listed.is_empty() {
        return existing(listed, "KUBECONFIG");
    }
    let default = surroundings.home.as_ref();
    let default = default.map(|home| home.join(".kube").join("config"));
    Ok(default.filter(|path| path.exists()).into_iter().collect())
}

/// As kubectl does, a listed file that is missing is skipped; but not all of them: a mistyped name must not put the
/// cluster out of the report.
fn existing(paths: Vec<PathBuf>, named_by: &'static str) -> Result<Vec<PathBuf>, OpenError> {
    let found: Vec<PathBuf> = paths.iter().filter(|path| path.exists()).cloned().collect();
    match paths.into_iter().next() {
        Some(path) if found.is_empty() => Err(OpenError::Missing { path, named_by }),
        _ => Ok(found),
    }
}

fn read(paths: &[PathBuf]) -> Result<Kubeconfig, OpenError> {
    let mut merged = Kubeconfig::default();
    for path in paths {
        let next = Kubeconfig::read_from(path).map_err(|error| unread(path, error))?;
        merged = merged.merge(next).map_err(|error| OpenError::Malformed {
            path: path.clone(),
            line: None,
            message: error.to_string(),
        })?;
    }
    Ok(merged)
}

fn unread(path: &Path, error: KubeconfigError) -> OpenError {
    let path = path.to_owned();
    match error {
        KubeconfigError::ReadConfig(source, path) => OpenError::Read { path, source },
        KubeconfigError::Parse(error) => OpenError::Malformed {
            path,
            line: error.location().map(|location| location.line()),
            message: without_values(&error.without_snippet().to_string()),
        },
        other => OpenError::Malformed {
            path,
            line: None,
            message: other.to_string(),
        },
    }
}

/// A parser's message quotes the value that it did not expect, which in a kubeconfig may be a token; only the name of a
/// field that is missing or stands twice is the format's own.
fn without_values(message: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    let words = first
        .rsplit_once(" at line ")
        .map_or(first, |(words, _)| words);
    let mut kept = String::new();
    for (index, part) in words.split(['"', '`', '\'']).enumerate() {
        let field = kept.ends_with("missing field ");
        kept.push_str(if index % 2 == 0 || field { part } else { "..." });
    }
    kept
}

fn unusable(error: &KubeconfigError) -> String {
    match error {
        KubeconfigError::LoadClusterOfContext(name) => {
            format!("it names the cluster {name:?}, which the kubeconfig does not have")
        }
        KubeconfigError::MissingClusterUrl => "its cluster has no server".to_owned(),
        other => other.to_string(),
    }
}

fn in_cluster() -> Result<Chosen, OpenError> {
    match Config::incluster() {
        Ok(config) => Ok(Chosen {
            config,
            cluster: "in-cluster".to_owned(),
            context: None,
        }),
        Err(error) => Err(OpenError::InCluster(error.to_string())),
    }
}

/// The name in an EKS cluster's ARN; otherwise the name as the kubeconfig has it.
fn cluster_name(cluster: &str) -> &str {
    let name = cluster.rsplit_once(":cluster/").map(|(_, name)| name);
    name.filter(|_| cluster.starts_with("arn:"))
        .unwrap_or(cluster)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    const ONE: &str = "current-context: a\n\
        clusters: [{name: one, cluster: {server: 'http://127.0.0.1:1'}}]\n\
        contexts: [{name: a, context: {cluster: one, user: u}}]\n";
    const TWO: &str = "current-context: b\n\
        clusters: [{name: two, cluster: {server: 'http://127.0.0.1:2'}}]\n\
        contexts: [{name: b, context: {cluster: two, user: u}}]\n";

    fn home() -> (TempDir, PathBuf, Surroundings) {
        let folder = TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join(".kube")).unwrap();
        let default = folder.path().join(".kube/config");
        let surroundings = Surroundings {
            home: Some(folder.path().to_owned()),
            ..Surroundings::default()
        };
        (folder, default, surroundings)
    }

    async fn cluster(options: &Options, surroundings: &Surroundings) -> Result<String, OpenError> {
        let chosen = choose(options, surroundings).await?;
        Ok(chosen.cluster)
    }

    #[tokio::test]
    async fn nothing_at_all_is_not_configured() {
        let (_folder, _, surroundings) = home();
        for surroundings in [Surroundings::default(), surroundings] {
            let found = cluster(&Options::default(), &surroundings).await;
            assert!(matches!(found, Err(OpenError::NotConfigured)));
        }
    }

    #[tokio::test]
    async fn the_default_file_gives_way_to_the_environment_and_that_to_an_option() {
        let (folder, default, mut surroundings) = home();
        std::fs::write(&default, ONE).unwrap();
        let options = Options::default();
        assert_eq!(cluster(&options, &surroundings).await.unwrap(), "one");
        let other = folder.path().join("other");
        std::fs::write(&other, TWO).unwrap();
        surroundings.kubeconfig = Some(other.clone().into());
        assert_eq!(cluster(&options, &surroundings).await.unwrap(), "two");
        let options = Options {
            kubeconfig: Some(default.clone()),
            ..options
        };
        assert_eq!(cluster(&options, &surroundings).await.unwrap(), "one");
    }

    #[tokio::test]
    async fn listed_files_are_merged_and_missing_ones_skipped_unless_all_are() {
        let (folder, default, mut surroundings) = home();
        let other = folder.path().join("other");
        let missing = folder.path().join("missing");
        std::fs::write(&default, ONE).unwrap();
        std::fs::write(&other, TWO).unwrap();
        let list = |paths: &[&PathBuf]| Some(std::env::join_paths(paths).unwrap());
        surroundings.kubeconfig = list(&[&missing, &other, &default]);
        let mut options = Options::default();
        assert_eq!(cluster(&options, &surroundings).await.unwrap(), "two");
        options.context = Some("a".to_owned());
        assert_eq!(cluster(&options, &surroundings).await.unwrap(), "one");
        surroundings.kubeconfig = list(&[&missing]);
        let error = cluster(&options, &surroundings).await.unwrap_err();
        assert!(
            matches!(&error, OpenError::Missing { path, .. } if *path == missing),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_pod_uses_its_service_account_only_where_nothing_is_named() {
        let (_folder, default, mut surroundings) = home();
        surroundings.in_cluster = true;
        // There is no service account here, which is how one sees that it was tried.
        let error = cluster(&Options::default(), &surroundings)
            .await
            .unwrap_err();
        assert!(matches!(error, OpenError::InCluster(_)), "{error}");
        std::fs::write(&default, ONE).unwrap();
        let found = cluster(&Options::default(), &surroundings).await;
        assert_eq!(found.unwrap(), "one");
    }

    #[test]
    fn the_name_of_an_eks_cluster_is_taken_from_its_arn() {
        for (cluster, name) in [
            ("arn:aws:eks:us-east-1:111122223333:cluster/prod", "prod"),
            (
                "arn:aws-us-gov:eks:us-gov-west-1:111122223333:cluster/a-b",
                "a-b",
            ),
            ("prod.us-east-1.eksctl.io", "prod.us-east-1.eksctl.io"),
            ("kind-dev", "kind-dev"),
        ] {
            assert_eq!(cluster_name(cluster), name);
        }
    }
}

//! The table of kinds: everything that reading a kind takes is said here once.

use crate::collect::Plan;
use crate::model::Kind;

/// One kind and how its objects are listed over all namespaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As in `kind:` of a manifest; the resource kind is `k8s.` and this.
    pub kind: &'static str,
    /// Empty for the core group.
    pub group: &'static str,
    /// The versions whose objects the schema describes, the preferred one first.
    pub versions: &'static [&'static str],
    pub plural: &'static str,
    pub reach: Reach,
    pub content: Content,
}

/// Whether objects live in namespaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Namespaced,
    Cluster,
}

/// How much of an object is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    Whole,
    /// The server is asked to leave everything but `metadata` out, so that the rest never reaches this program.
    Metadata,
    /// No object: what its containers logged last, of the pods that the plan names, as `namespace/name`.
    Log,
}

const fn namespaced(
    kind: &'static str,
    group: &'static str,
    versions: &'static [&'static str],
    plural: &'static str,
) -> Entry {
    Entry {
        kind,
        group,
        versions,
        plural,
        reach: Reach::Namespaced,
        content: Content::Whole,
    }
}

const fn cluster(
    kind: &'static str,
    group: &'static str,
    versions: &'static [&'static str],
    plural: &'static str,
) -> Entry {
    Entry {
        reach: Reach::Cluster,
        ..namespaced(kind, group, versions, plural)
    }
}

const fn metadata(entry: Entry) -> Entry {
    Entry {
        content: Content::Metadata,
        ..entry
    }
}

const V1: &[&str] = &["v1"];
const RBAC: &str = "rbac.authorization.k8s.io";
const CNPG: &str = "postgresql.cnpg.io";
const GATEWAY: &str = "gateway.networking.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";

/// Sorted by kind.
const ENTRIES: &[Entry] = &[
    namespaced("Backup", CNPG, V1, "backups"),
    namespaced("Certificate", "cert-manager.io", V1, "certificates"),
    namespaced("Cluster", CNPG, V1, "clusters"),
    cluster("ClusterRole", RBAC, V1, "clusterroles"),
    cluster("ClusterRoleBinding", RBAC, V1, "clusterrolebindings"),
    cluster(
        "ClusterSecretStore",
        "external-secrets.io",
        &["v1", "v1beta1"],
        "clustersecretstores",
    ),
    namespaced("ConfigMap", "", V1, "configmaps"),
    namespaced("CronJob", "batch", V1, "cronjobs"),
    namespaced("DaemonSet", "apps", V1, "daemonsets"),
    namespaced("Deployment", "apps", V1, "deployments"),
    namespaced(
        "ExternalSecret",
        "external-secrets.io",
        &["v1", "v1beta1"],
        "externalsecrets",
    ),
    namespaced("Gateway", GATEWAY, &["v1", "v1beta1"], "gateways"),
    namespaced("HTTPRoute", GATEWAY, &["v1", "v1beta1"], "httproutes"),
    namespaced(
        "HorizontalPodAutoscaler",
        "autoscaling",
        &["v2"],
        "horizontalpodautoscalers",
    ),
    namespaced("Ingress", "networking.k8s.io", V1, "ingresses"),
    cluster("IngressClass", "networking.k8s.io", V1, "ingressclasses"),
    namespaced("Job", "batch", V1, "jobs"),
    namespaced("LimitRange", "", V1, "limitranges"),
    cluster("Namespace", "", V1, "namespaces"),
    namespaced("NetworkPolicy", "networking.k8s.io", V1, "networkpolicies"),
    cluster("Node", "", V1, "nodes"),
    namespaced(
        "PeerAuthentication",
        "security.istio.io",
        &["v1", "v1beta1"],
        "peerauthentications",
    ),
    cluster("PersistentVolume", "", V1, "persistentvolumes"),
    namespaced("PersistentVolumeClaim", "", V1, "persistentvolumeclaims"),
    POD,
    namespaced("PodDisruptionBudget", "policy", V1, "poddisruptionbudgets"),
    namespaced(
        "PostgresCluster",
        "postgres-operator.crunchydata.com",
        &["v1beta1"],
        "postgresclusters",
    ),
    namespaced("ReplicaSet", "apps", V1, "replicasets"),
    namespaced("ResourceQuota", "", V1, "resourcequotas"),
    namespaced("Role", RBAC, V1, "roles"),
    namespaced("RoleBinding", RBAC, V1, "rolebindings"),
    namespaced("ScaledObject", "keda.sh", &["v1alpha1"], "scaledobjects"),
    metadata(namespaced("Secret", "", V1, "secrets")),
    namespaced(
        "SecretProviderClass",
        "secrets-store.csi.x-k8s.io",
        &["v1", "v1alpha1"],
        "secretproviderclasses",
    ),
    namespaced(
        "SecretStore",
        "external-secrets.io",
        &["v1", "v1beta1"],
        "secretstores",
    ),
    namespaced(
        "Server",
        "policy.linkerd.io",
        &["v1beta3", "v1beta2", "v1beta1"],
        "servers",
    ),
    namespaced("Service", "", V1, "services"),
    namespaced("ServiceAccount", "", V1, "serviceaccounts"),
    namespaced("StatefulSet", "apps", V1, "statefulsets"),
    cluster("StorageClass", "storage.k8s.io", V1, "storageclasses"),
    cluster(
        "ValidatingAdmissionPolicy",
        ADMISSION,
        V1,
        "validatingadmissionpolicies",
    ),
    cluster(
        "ValidatingAdmissionPolicyBinding",
        ADMISSION,
        V1,
        "validatingadmissionpolicybindings",
    ),
];

/// What the containers of a pod logged last. No list answers it, and no manifest holds it.
pub const POD_LOG: Entry = Entry {
    content: Content::Log,
    ..namespaced("PodLog", "", V1, "pods/log")
};

/// The kind whose objects have logs.
pub const POD: Entry = namespaced("Pod", "", V1, "pods");

/// Every kind that can be listed, sorted.
pub fn entries() -> &'static [Entry] {
    ENTRIES
}

impl Entry {
    /// `k8s.Deployment`.
    pub fn resource_kind(&self) -> Kind {
        Kind::new(format!("k8s.{}", self.kind))
    }

    /// `deployments.apps`, as RBAC and kubectl name it.
    pub fn resource(&self) -> String {
        if self.group.is_empty() {
            self.plural.to_owned()
        } else {
            format!("{}.{}", self.plural, self.group)
        }
    }

    /// `list deployments.apps`: the permission that reading it takes.
    pub fn permission(&self) -> String {
        let verb = if self.content == Content::Log {
            "get"
        } else {
            "list"
        };
        format!("{verb} {}", self.resource())
    }

    /// `apps/v1`, as in `apiVersion:` of a manifest.
    pub fn api_version(&self, version: &str) -> String {
        if self.group.is_empty() {
            version.to_owned()
        } else {
            format!("{}/{version}", self.group)
        }
    }

    /// `/apis/apps/v1/deployments`.
    pub fn path(&self, version: &str) -> String {
        let root = if self.group.is_empty() { "api" } else { "apis" };
        format!("/{root}/{}/{}", self.api_version(version), self.plural)
    }

    /// What reading it asks: the first page, and of logs what is asked for each.
    pub(super) fn asked(&self) -> Vec<String> {
        let list = |entry: &Entry| format!("GET {}?limit={PAGE}", entry.path(entry.preferred()));
        match self.content {
            Content::Whole => vec![list(self)],
            Content::Metadata => vec![format!("{} (metadata only)", list(self))],
            Content::Log => vec![
                list(&POD),
                "GET /api/v1/namespaces/NAMESPACE/pods/NAME/log, for each container of the pods that are named"
                    .to_owned(),
            ],
        }
    }

    /// The version that is asked for first.
    pub fn preferred(&self) -> &'static str {
        self.versions.first().copied().unwrap_or("v1")
    }
}

/// The entries of the kinds that a plan asks for, sorted.
pub(super) fn planned(plan: &Plan) -> Vec<&'static Entry> {
    ENTRIES
        .iter()
        .chain([&POD_LOG])
        .filter(|entry| plan.kinds.contains_key(&entry.resource_kind()))
        .collect()
}

/// Where the server says what it is.
pub(super) const VERSION: &str = "/version";

/// Where the server says which API groups are installed.
pub(super) const GROUPS: &str = "/apis";

/// Where the server says by what name it knows the one who asks (SelfSubjectReview, from Kubernetes 1.28).
pub(super) const WHO: &str = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

/// How many objects one page holds.
pub(super) const PAGE: usize = 500;

/// The calls that a scan of the plan begins with: one a kind, and a further one for each page that follows.
pub fn planned_calls(plan: &Plan) -> Vec<String> {
    let entries = planned(plan);
    if entries.is_empty() {
        return Vec::new();
    }
    let mut calls = vec![
        format!("GET {VERSION}"),
        format!("GET {GROUPS}"),
        format!("POST {WHO} (who asks; creates nothing)"),
    ];
    calls.extend(entries.into_iter().flat_map(Entry::asked));
    calls
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn plan(kinds: &[&str]) -> Plan {
        Plan {
            kinds: kinds
                .iter()
                .map(|kind| (Kind::new(*kind), BTreeSet::new()))
                .collect(),
            ..Plan::default()
        }
    }

    #[test]
    fn the_table_is_sorted_and_each_kind_and_resource_stands_once() {
        let kinds: Vec<&str> = ENTRIES.iter().map(|entry| entry.kind).collect();
        assert!(kinds.is_sorted_by(|a, b| a < b), "{kinds:?}");
        let resources: BTreeSet<String> = ENTRIES.iter().map(Entry::resource).collect();
        assert_eq!(resources.len(), ENTRIES.len());
        assert!(ENTRIES.iter().all(|entry| !entry.versions.is_empty()));
    }

    #[test]
    fn only_secrets_are_read_as_metadata() {
        let metadata: Vec<&str> = ENTRIES
            .iter()
            .filter(|entry| entry.content == Content::Metadata)
            .map(|entry| entry.kind)
            .collect();
        assert_eq!(metadata, ["Secret"]);
    }

    #[test]
    fn a_plan_names_its_calls() {
        let plan = plan(&["aws.rds.DBInstance", "k8s.Secret", "k8s.Deployment"]);
        assert_eq!(
            planned_calls(&plan),
            [
                "GET /version",
                "GET /apis",
                "POST /apis/authentication.k8s.io/v1/selfsubjectreviews (who asks; creates nothing)",
                "GET /apis/apps/v1/deployments?limit=500",
                "GET /api/v1/secrets?limit=500 (metadata only)",
            ]
        );
        assert!(planned_calls(&self::plan(&["aws.rds.DBInstance"])).is_empty());
    }
}

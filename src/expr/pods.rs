//! Where each workload keeps the template of the pods that it makes.

use crate::model::Kind;

/// Kinds that make pods (or are one), and the path of their template.
const TEMPLATES: [(&str, &str); 7] = [
    ("k8s.CronJob", "spec.jobTemplate.spec.template"),
    ("k8s.DaemonSet", "spec.template"),
    ("k8s.Deployment", "spec.template"),
    ("k8s.Job", "spec.template"),
    ("k8s.Pod", ""),
    ("k8s.ReplicaSet", "spec.template"),
    ("k8s.StatefulSet", "spec.template"),
];

/// The path of a kind's pod template; empty for a pod, which is its own.
pub(super) fn template(kind: &Kind) -> Option<&'static str> {
    TEMPLATES
        .iter()
        .find(|(name, _)| *name == kind.as_str())
        .map(|(_, path)| *path)
}

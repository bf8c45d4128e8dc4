//! Texts with a grammar of their own: image references.

/// The parts of an image reference, with the registry and the namespace that Docker adds; a tag that is not written is absent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Image {
    pub(super) registry: String,
    pub(super) repository: String,
    pub(super) tag: Option<String>,
    pub(super) digest: Option<String>,
}

impl Image {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        // A colon before a slash belongs to the registry's port.
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (rest, None),
        };
        let (registry, path) = match name.split_once('/') {
            Some((first, path)) if first == "localhost" || first.contains(['.', ':']) => {
                (first, path.to_owned())
            }
            Some(_) => ("docker.io", name.to_owned()),
            None => ("docker.io", format!("library/{name}")),
        };
        let word = |part: &str, more: &[char]| {
            !part.is_empty()
                && part
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || more.contains(&c))
        };
        let valid = word(registry, &['.', '-', ':', '[', ']'])
            && path.split('/').all(|part| word(part, &['.', '-', '_']))
            && tag.is_none_or(|tag| word(tag, &['.', '-', '_']))
            && digest.is_none_or(|digest| {
                digest.split_once(':').is_some_and(|(algorithm, hex)| {
                    word(algorithm, &['+', '.', '-', '_']) && word(hex, &['=', '_', '-'])
                })
            });
        valid.then(|| Self {
            registry: registry.to_owned(),
            repository: path,
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        })
    }

    /// The last segment of the repository.
    pub(super) fn name(&self) -> &str {
        self.repository
            .rsplit_once('/')
            .map_or(self.repository.as_str(), |(_, name)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(text: &str) -> (String, String, Option<String>, bool) {
        let image = Image::parse(text).unwrap_or_else(|| panic!("{text}"));
        (
            image.registry,
            image.repository,
            image.tag,
            image.digest.is_some(),
        )
    }

    #[test]
    fn references_are_read_as_docker_reads_them() {
        let tag = |tag: &str| Some(tag.to_owned());
        for (text, registry, repository, expected_tag, digest) in [
            ("nginx", "docker.io", "library/nginx", None, false),
            (
                "nginx:1.25",
                "docker.io",
                "library/nginx",
                tag("1.25"),
                false,
            ),
            ("bitnami/redis", "docker.io", "bitnami/redis", None, false),
            ("reg:5000/app", "reg:5000", "app", None, false),
            ("reg:5000/app:v1", "reg:5000", "app", tag("v1"), false),
            ("localhost/app", "localhost", "app", None, false),
            (
                "ghcr.io/a/b/c:x@sha256:ab12",
                "ghcr.io",
                "a/b/c",
                tag("x"),
                true,
            ),
            ("app@sha256:ab12", "docker.io", "library/app", None, true),
            (
                "1.dkr.ecr.eu-west-1.amazonaws.com/app:1",
                "1.dkr.ecr.eu-west-1.amazonaws.com",
                "app",
                tag("1"),
                false,
            ),
        ] {
            let expected = (
                registry.to_owned(),
                repository.to_owned(),
                expected_tag,
                digest,
            );
            assert_eq!(image(text), expected, "{text}");
        }
        assert_eq!(Image::parse("a/b/postgres:16").unwrap().name(), "postgres");
        assert_eq!(Image::parse("reg.io/postgres").unwrap().name(), "postgres");
    }

    #[test]
    fn what_is_no_reference_is_refused() {
        for text in [
            "", "a b", "a//b", "/a", "a:", "a@", "a@sha256", ":tag", "${IMAGE}", "a/b/:x",
        ] {
            assert_eq!(Image::parse(text), None, "{text}");
        }
    }
}

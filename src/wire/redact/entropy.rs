//! Randomness: tells a generated key from a name, by how few of its pairs of characters a name would hold.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The pairs of letters that make up 86 % of those in English words and in the names of programs, and 28 % of those in
/// random letters.
const PAIRS: &str = "\
    ab ac ad ag ai al am an ap ar as at au ba be bi bl bo bu ca ce ch ci ck cl co cr ct cu da dd de di \
    do ds du ea ec ed ee ef eg el em en ep er es et ev ew ex fa fe ff fi fl fo fr ge gi gr gs ha he hi \
    ho ia ib ic id ie if ig il im in io ip ir is it iv iz ke la ld le li ll lo ls lt lu ly ma me mi mo \
    mp na nc nd ne nf ng ni nn no ns nt nu ob oc od ol om on oo op or os ot ou ow pa pe pi pl po pp pr \
    ps pt qu ra rc rd re rg ri rm rn ro rr rs rt ru ry sa sc se sh si so sp ss st su ta tc te th ti tl \
    to tp tr ts tt tu ty ub ue ul um un up ur us ut va ve vi wa we wi xt yp ze";

static COMMON: LazyLock<BTreeSet<&str>> = LazyLock::new(|| PAIRS.split(' ').collect());

/// Shorter runs are not judged: chance and names overlap.
const LEAST: usize = 20;
/// Nor are those that are cut into pieces.
const LEAST_CUT: usize = 24;
/// Hexadecimal digits hold half as much each.
const LEAST_HEX: usize = 32;
/// The length of a git commit, which is written where versions are.
const COMMIT: usize = 40;

/// What a run of characters is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    Ordinary,
    Random,
    /// Random hexadecimal digits, which are as often a digest as a key.
    RandomHex,
}

/// Judges a run of letters and digits, joined by what names and encodings are joined by: `-`, `_`, `/`, `+`, `=`, `~`.
pub fn judge(run: &str) -> Run {
    let pieces = || run.split(['-', '_', '/', '+', '=', '~']);
    for piece in pieces() {
        match judge_piece(piece) {
            Run::Ordinary => {}
            random => return random,
        }
    }
    // A key in base64 is cut by its own `/`, `+`, `-` and `_`, one character in 32.
    let cuts = pieces().filter(|piece| !piece.is_empty()).count();
    let length: usize = pieces().map(str::len).sum();
    let every_class = run.chars().any(char::is_uppercase)
        && run.chars().any(char::is_lowercase)
        && run.chars().any(|c| c.is_ascii_digit());
    if length < LEAST_CUT || cuts * 5 > length || !every_class {
        return Run::Ordinary;
    }
    let counts = pieces().map(count);
    let (pairs, odd) = counts.fold((0, 0), |sum, piece| (sum.0 + piece.0, sum.1 + piece.1));
    if odd * 2 >= pairs {
        Run::Random
    } else {
        Run::Ordinary
    }
}

fn judge_piece(piece: &str) -> Run {
    let digits = piece.chars().filter(char::is_ascii_digit).count();
    if piece.len() < LEAST || digits == piece.len() || orderly(piece) {
        return Run::Ordinary;
    }
    let upper = piece.chars().any(char::is_uppercase);
    let lower = piece.chars().any(char::is_lowercase);
    let one_case = upper != lower;
    if one_case && piece.chars().all(|c| c.is_ascii_hexdigit()) {
        let random = piece.len() >= LEAST_HEX && piece.len() != COMMIT && digits > 0;
        return if random {
            Run::RandomHex
        } else {
            Run::Ordinary
        };
    }
    let (pairs, odd) = count(piece);
    // Letters of one case without a digit may be an abbreviation.
    let random = if one_case && digits == 0 {
        odd * 3 >= pairs * 2
    } else {
        odd * 2 >= pairs
    };
    if random { Run::Random } else { Run::Ordinary }
}

/// The pairs of neighbours in a piece, and how many of them a name would rarely hold.
fn count(piece: &str) -> (usize, usize) {
    let neighbours = piece.chars().zip(piece.chars().skip(1));
    let (mut pairs, mut odd) = (0, 0);
    for (a, b) in neighbours {
        pairs += 1;
        let both_digits = a.is_ascii_digit() && b.is_ascii_digit();
        let hump = a.is_lowercase() && b.is_uppercase();
        let pair: String = [a.to_ascii_lowercase(), b.to_ascii_lowercase()]
            .iter()
            .collect();
        if !both_digits && (hump || !COMMON.contains(pair.as_str())) {
            odd += 1;
        }
    }
    (pairs, odd)
}

/// An alphabet, or a filler of few characters.
fn orderly(piece: &str) -> bool {
    let distinct: BTreeSet<char> = piece.chars().collect();
    let neighbours = piece.bytes().zip(piece.bytes().skip(1));
    let steps = neighbours.filter(|(a, b)| a.abs_diff(*b) <= 1).count();
    distinct.len() < 8 || steps * 5 >= piece.len() * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run of random characters, the same at every run of the test.
    fn random(alphabet: &str, length: usize, seed: u64) -> String {
        let alphabet: Vec<char> = alphabet.chars().collect();
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state >> 33
        };
        (0..length)
            .map(|_| alphabet[usize::try_from(next()).unwrap() % alphabet.len()])
            .collect()
    }

    #[test]
    fn random_keys_are_told_in_every_alphabet() {
        const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
        let alphabets = [
            format!("{UPPER}{LOWER}0123456789"),
            format!("{UPPER}{LOWER}0123456789+/"),
            format!("{UPPER}{LOWER}0123456789-_"),
            format!("{LOWER}0123456789"),
            format!("{UPPER}234567"),
            "0123456789abcdef".to_owned(),
        ];
        for alphabet in &alphabets {
            let told = (1..=1000).filter(|seed| {
                let key = random(alphabet, 32, *seed);
                judge(&key) != Run::Ordinary
            });
            let told = told.count();
            assert!(told >= 980, "{told} of 1000 with {alphabet}");
        }
    }

    #[test]
    fn names_are_ordinary() {
        for name in [
            "",
            "web",
            "streampulse-ingest-worker-deployment",
            "kube-prometheus-stack-grafana-7d9f8b6c5d-x2k4z",
            "ip-10-0-12-34.ec2.internal",
            "ConfigurationPropertiesBindingPostProcessor",
            "DocXMLRPCRequestHandlerFactoryBean",
            "HAVE_BROKEN_PTHREAD_SIGMASK",
            "requiredDuringSchedulingIgnoredDuringExecution",
            "AWSManagedRulesKnownBadInputsRuleSet",
            "/usr/local/lib/python3.11/site-packages/opentelemetry",
            "us-east-1_AbCdEfGhI",
            "vol-0fedcba9876543210",
            "886313e1-3b8a-5372-9b90-0c9aee199e5d",
            "123456789012345678901234567890",
            "abcdefghijklmnopqrstuvwxyz0123456789",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "deadbeefdeadbeefdeadbeefdeadbeef",
            "c97fe5036ef3df2967d086711e6c0c405941e14b",
            "wildfly-mysql-javaee7",
        ] {
            assert_eq!(judge(name), Run::Ordinary, "{name}");
        }
    }
}

//! "Did you mean": the nearest of some names, by CPython's weights.

const MOVE: usize = 2;
const CASE: usize = 1;
const MAX_CANDIDATES: usize = 750;
const MAX_LEN: usize = 40;

fn substitution(a: u8, b: u8) -> usize {
    if a == b {
        0
    } else if a.eq_ignore_ascii_case(&b) {
        CASE
    } else {
        MOVE
    }
}

/// The weighted edit distance, or something above `max`.
fn distance(a: &[u8], b: &[u8], max: usize) -> usize {
    let prefix = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[prefix..], &b[prefix..]);
    let suffix = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (mut a, mut b) = (&a[..a.len() - suffix], &b[..b.len() - suffix]);
    if a.is_empty() || b.is_empty() {
        return (a.len() + b.len()) * MOVE;
    }
    if a.len() > MAX_LEN || b.len() > MAX_LEN {
        return max + 1;
    }
    if b.len() < a.len() {
        std::mem::swap(&mut a, &mut b);
    }
    if (b.len() - a.len()) * MOVE > max {
        return max + 1;
    }
    let mut row: Vec<usize> = (1..=a.len()).map(|i| i * MOVE).collect();
    let mut result = 0;
    for (j, y) in b.iter().enumerate() {
        let mut diagonal = j * MOVE;
        result = diagonal;
        let mut best = usize::MAX;
        for (i, x) in a.iter().enumerate() {
            let substitute = diagonal + substitution(*y, *x);
            diagonal = row[i];
            result = substitute.min(result.min(diagonal) + MOVE);
            row[i] = result;
            best = best.min(result);
        }
        if best > max {
            return max + 1;
        }
    }
    result
}

/// The name among `candidates` that is nearest to `name`, if one is near enough.
pub(crate) fn similar<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut best: Option<(&str, usize)> = None;
    for candidate in candidates.take(MAX_CANDIDATES) {
        if candidate == name {
            continue;
        }
        let mut max = (name.len() + candidate.len() + 3) * MOVE / 6;
        if let Some((_, d)) = best {
            max = max.min(d - 1);
        }
        let d = distance(name.as_bytes(), candidate.as_bytes(), max);
        if d <= max {
            best = Some((candidate, d));
            if d == 0 {
                break;
            }
        }
    }
    best.map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_names() {
        assert_eq!(similar("colour", ["color", "size"].into_iter()), Some("color"));
        assert_eq!(similar("xyz", ["alpha", "beta"].into_iter()), None);
        assert_eq!(similar("Foo", ["foo", "fob"].into_iter()), Some("foo"));
    }
}

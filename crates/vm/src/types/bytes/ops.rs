//! Operations on byte slices: search, split, replace, strip. `bytes`, `bytearray` and (where text allows) `str` use them.
//!
//! It knows nothing of Python values. Positions are byte offsets.

use memchr::{memchr, memmem, memrchr};

/// First occurrence of `needle`.
#[inline]
pub fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    match needle.len() {
        0 => Some(0),
        1 => memchr(needle[0], haystack),
        n if n > haystack.len() => None,
        _ => memmem::find(haystack, needle),
    }
}

/// Last occurrence of `needle`.
#[inline]
pub fn rfind(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    match needle.len() {
        0 => Some(haystack.len()),
        1 => memrchr(needle[0], haystack),
        n if n > haystack.len() => None,
        _ => memmem::rfind(haystack, needle),
    }
}

/// Number of occurrences of a needle that is not empty, not overlapping.
pub fn count(haystack: &[u8], needle: &[u8]) -> usize {
    match needle.len() {
        1 => memchr::memchr_iter(needle[0], haystack).count(),
        n if n > haystack.len() => 0,
        _ => memmem::find_iter(haystack, needle).count(),
    }
}

/// Replaces occurrences of a needle that is not empty, at most `max`. `None` if there are none.
pub fn replace(text: &[u8], from: &[u8], to: &[u8], max: usize) -> Option<Vec<u8>> {
    let first = find(text, from).filter(|_| max > 0)?;
    if from.len() == to.len() {
        let mut out = text.to_vec();
        let mut at = first;
        let mut left = max;
        if from.len() == 1 {
            for b in out[first..].iter_mut().filter(|b| **b == from[0]).take(max) {
                *b = to[0];
            }
            return Some(out);
        }
        let finder = memmem::Finder::new(from);
        loop {
            out[at..at + to.len()].copy_from_slice(to);
            left -= 1;
            let next = at + from.len();
            match finder.find(&text[next..]) {
                Some(i) if left > 0 => at = next + i,
                _ => return Some(out),
            }
        }
    }
    let mut out = Vec::with_capacity(text.len() + to.len().saturating_sub(from.len()) * 4);
    let finder = memmem::Finder::new(from);
    let (mut start, mut at, mut left) = (0, first, max);
    loop {
        out.extend_from_slice(&text[start..at]);
        out.extend_from_slice(to);
        start = at + from.len();
        left -= 1;
        match finder.find(&text[start..]) {
            Some(i) if left > 0 => at = start + i,
            _ => break,
        }
    }
    out.extend_from_slice(&text[start..]);
    Some(out)
}

/// Bytes of the result of [`replace`], to be checked before it is made.
pub fn replaced_len(text: &[u8], from: &[u8], to: &[u8], max: usize) -> Option<usize> {
    if to.len() <= from.len() {
        return Some(text.len());
    }
    // Only results that may be very large are counted exactly.
    let bound = (text.len() / from.len()).min(max).checked_mul(to.len() - from.len())?.checked_add(text.len())?;
    if bound < 1 << 24 {
        return Some(bound);
    }
    count(text, from).min(max).checked_mul(to.len() - from.len())?.checked_add(text.len())
}

/// Whether `bytes` counts a byte as white space.
#[inline(always)]
pub const fn is_space(b: u8) -> bool {
    matches!(b, b' ' | 9..=13)
}

/// Calls `f` with the words of `text`: at most `max` and then the rest as it is.
pub fn split_words(text: &[u8], max: usize, is_space: impl Fn(u8) -> bool, mut f: impl FnMut(&[u8])) {
    let n = text.len();
    let (mut at, mut left) = (0, max);
    loop {
        while at < n && is_space(text[at]) {
            at += 1;
        }
        if at == n {
            return;
        }
        if left == 0 {
            return f(&text[at..]);
        }
        let start = at;
        while at < n && !is_space(text[at]) {
            at += 1;
        }
        left -= 1;
        f(&text[start..at]);
    }
}

/// As [`split_words`] from the end; the words come last first.
pub fn rsplit_words(text: &[u8], max: usize, is_space: impl Fn(u8) -> bool, mut f: impl FnMut(&[u8])) {
    let (mut at, mut left) = (text.len(), max);
    loop {
        while at > 0 && is_space(text[at - 1]) {
            at -= 1;
        }
        if at == 0 {
            return;
        }
        if left == 0 {
            return f(&text[..at]);
        }
        let end = at;
        while at > 0 && !is_space(text[at - 1]) {
            at -= 1;
        }
        left -= 1;
        f(&text[at..end]);
    }
}

/// Calls `f` with the parts between separators (not empty), of which at most `max` split.
pub fn split(text: &[u8], sep: &[u8], max: usize, mut f: impl FnMut(&[u8])) {
    let mut start = 0;
    if sep.len() == 1 {
        for i in memchr::memchr_iter(sep[0], text).take(max) {
            f(&text[start..i]);
            start = i + 1;
        }
    } else if sep.len() <= text.len() {
        for i in memmem::find_iter(text, sep).take(max) {
            f(&text[start..i]);
            start = i + sep.len();
        }
    }
    f(&text[start..]);
}

/// As [`split`] from the end; the parts come last first.
pub fn rsplit(text: &[u8], sep: &[u8], max: usize, mut f: impl FnMut(&[u8])) {
    let mut end = text.len();
    let mut left = max;
    while left > 0
        && let Some(i) = rfind(&text[..end], sep)
    {
        f(&text[i + sep.len()..end]);
        end = i;
        left -= 1;
    }
    f(&text[..end]);
}

/// Calls `f` with the lines of bytes (`\n`, `\r`, `\r\n`).
pub fn split_lines(text: &[u8], keep_ends: bool, mut f: impl FnMut(&[u8])) {
    let mut start = 0;
    while start < text.len() {
        let (end, next) = match memchr::memchr2(b'\n', b'\r', &text[start..]) {
            None => (text.len(), text.len()),
            Some(i) => {
                let end = start + i;
                let double = text[end] == b'\r' && text.get(end + 1) == Some(&b'\n');
                (end, end + 1 + double as usize)
            }
        };
        f(&text[start..if keep_ends { next } else { end }]);
        start = next;
    }
}

/// Which ends [`strip`] looks at.
#[derive(Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "plain")]
pub enum Ends {
    Both,
    Left,
    Right,
}

/// Without bytes of a kind at the ends.
#[inline]
pub fn strip(text: &[u8], ends: Ends, drop: impl Fn(u8) -> bool) -> &[u8] {
    let (mut start, mut end) = (0, text.len());
    if ends != Ends::Right {
        while start < end && drop(text[start]) {
            start += 1;
        }
    }
    if ends != Ends::Left {
        while end > start && drop(text[end - 1]) {
            end -= 1;
        }
    }
    &text[start..end]
}

/// A set of bytes.
pub struct ByteSet([u64; 4]);

impl ByteSet {
    /// The bytes of a slice.
    pub fn new(bytes: &[u8]) -> ByteSet {
        let mut set = [0; 4];
        for b in bytes {
            set[(b >> 6) as usize] |= 1 << (b & 63);
        }
        ByteSet(set)
    }

    /// Whether a byte is in the set.
    #[inline(always)]
    pub fn has(&self, b: u8) -> bool {
        self.0[(b >> 6) as usize] >> (b & 63) & 1 != 0
    }
}

/// Repeats `unit` into `out` up to its whole length.
pub fn fill_repeated(out: &mut [u8], unit: &[u8]) {
    if unit.len() == 1 {
        return out.fill(unit[0]);
    }
    let n = unit.len().min(out.len());
    out[..n].copy_from_slice(&unit[..n]);
    let mut done = n;
    while done < out.len() {
        let step = done.min(out.len() - done);
        let (head, tail) = out.split_at_mut(done);
        tail[..step].copy_from_slice(&head[..step]);
        done += step;
    }
}

/// Tabs replaced by spaces.
pub fn expand_tabs(text: &[u8], tab: usize, out: &mut Vec<u8>, mut limit: impl FnMut(usize) -> bool) -> bool {
    let mut column = 0;
    for b in text {
        match b {
            b'\t' => {
                if tab > 0 {
                    let n = tab - column % tab;
                    if !limit(out.len() + n) {
                        return false;
                    }
                    out.resize(out.len() + n, b' ');
                    column += n;
                }
            }
            b'\n' | b'\r' => {
                out.push(*b);
                column = 0;
            }
            _ => {
                out.push(*b);
                column += (b & 0xc0 != 0x80) as usize;
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(run: impl FnOnce(&mut dyn FnMut(&[u8]))) -> Vec<Vec<u8>> {
        let mut out = Vec::new();
        run(&mut |p| out.push(p.to_vec()));
        out
    }

    proptest! {
        #[test]
        fn splitting_and_joining_are_inverse(text in "[ab,]{0,30}", sep in "(,|ab|aab)") {
            let p = parts(|f| split(text.as_bytes(), sep.as_bytes(), usize::MAX, f));
            prop_assert_eq!(p.join(sep.as_bytes()), text.as_bytes());
            prop_assert_eq!(p.len(), count(text.as_bytes(), sep.as_bytes()) + 1);
        }

        #[test]
        fn replace_agrees_with_std(text in "[abc]{0,30}", from in "[abc]{1,3}", to in "[xyz]{0,3}") {
            let ours = replace(text.as_bytes(), from.as_bytes(), to.as_bytes(), usize::MAX);
            prop_assert_eq!(ours.unwrap_or(text.clone().into_bytes()), text.replace(&from, &to).into_bytes());
        }
    }

    #[test]
    fn words_and_lines() {
        let words = |s: &str, n| parts(|f| split_words(s.as_bytes(), n, is_space, f));
        assert_eq!(words(" a  b c ", usize::MAX), [b"a", b"b", b"c"]);
        assert_eq!(words(" a  b c ", 1), [b"a".to_vec(), b"b c ".to_vec()]);
        let lines = parts(|f| split_lines(b"a\r\nb\n\nc", false, f));
        assert_eq!(lines, [b"a".to_vec(), b"b".to_vec(), vec![], b"c".to_vec()]);
        let mut buf = [0; 7];
        fill_repeated(&mut buf, b"abc");
        assert_eq!(&buf, b"abcabca");
    }
}

//! Sorting of lists: stable and adaptive.
//!
//! The items leave the list while it is sorted, so that Python code called on the way finds it empty. Keys that compare
//! without Python code (all integers, all floats, all texts) are sorted by the standard library's stable sort. All others
//! go through a merge sort of natural runs (powersort's merge order, galloping merges) over *positions*: when a comparison
//! raises, the list gets its items back in their old order.

use super::List;
use crate::error::PyResult;
use crate::heap::HVec;
use crate::types::slots::CmpOp;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

/// Sorts a list in place; ValueError if Python code changed it meanwhile.
pub fn sort_list(vm: &Vm, list: &List, key: Option<&Value>, reverse: bool) -> PyResult<()> {
    vm.check_payload_mutable(list)?;
    let mut items = list.take();
    let result = sort_items(vm, &mut items, key, reverse);
    let touched = list.with_mut(|now| {
        let touched = now.capacity() != 0;
        std::mem::swap(now, &mut items);
        touched
    });
    // What Python code put into the list meanwhile dies here.
    drop(items);
    result?;
    if touched { Err(vm.value_error("list modified during sort")) } else { Ok(()) }
}

/// Sorts items in place. When it raises, they are in their old order.
pub fn sort_items(vm: &Vm, items: &mut HVec<Value>, key: Option<&Value>, reverse: bool) -> PyResult<()> {
    match key {
        None => {
            if items.len() < 2 || sort_plain(vm, items, reverse) {
                return Ok(());
            }
            let order = sorted_order(vm, items, reverse)?;
            reorder(items, &order);
        }
        Some(key) => {
            let mut keys = Vec::with_capacity(items.len());
            for item in items.iter() {
                keys.push(vm.call_one(key, item)?);
            }
            if keys.len() < 2 {
                return Ok(());
            }
            let order = sorted_order(vm, &keys, reverse)?;
            reorder(items, &order);
        }
    }
    Ok(())
}

/// Puts items in the order of positions.
fn reorder(items: &mut HVec<Value>, order: &[u32]) {
    let mut slots: Vec<Option<Value>> = items.drain(..).map(Some).collect();
    items.extend(order.iter().filter_map(|i| slots[*i as usize].take()));
}

/// What all keys have in common.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Common {
    Int,
    Float,
    Str,
    Tuple,
    Mixed,
}

fn common_type(vm: &Vm, keys: &[Value]) -> Common {
    let all = |f: &dyn Fn(&Value) -> bool| keys.iter().all(f);
    match keys.first() {
        Some(k) if k.is_small_int() && all(&|k| k.is_small_int()) => Common::Int,
        Some(k) if k.is_float() && all(&|k| k.as_float().is_some_and(|d| !d.is_nan())) => Common::Float,
        Some(k) if vm.is_exact_str(k) && all(&|k| vm.is_exact_str(k)) => Common::Str,
        Some(k) if is_tuple(vm, k) && all(&|k| is_tuple(vm, k)) => Common::Tuple,
        _ => Common::Mixed,
    }
}

fn is_tuple(vm: &Vm, v: &Value) -> bool {
    vm.is_exact(v, vm.types().tuple)
}

/// Sorts items that are their own keys and need no Python code; whether it did.
fn sort_plain(vm: &Vm, items: &mut [Value], reverse: bool) -> bool {
    match common_type(vm, items) {
        Common::Int if reverse => items.sort_by_key(|k| std::cmp::Reverse(k.small_int_unchecked())),
        Common::Int => items.sort_by_key(Value::small_int_unchecked),
        // There is no NaN among them, and the zeros are equal.
        Common::Float if reverse => items.sort_by(|a, b| order_floats(b, a)),
        Common::Float => items.sort_by(order_floats),
        _ => return false,
    }
    true
}

fn order_floats(a: &Value, b: &Value) -> std::cmp::Ordering {
    a.float_unchecked().partial_cmp(&b.float_unchecked()).unwrap_or(std::cmp::Ordering::Equal)
}

/// The first bytes of a text as a number that orders as the text does.
fn prefix(text: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let n = text.len().min(8);
    bytes[..n].copy_from_slice(&text[..n]);
    u64::from_be_bytes(bytes)
}

/// Positions sorted by native keys; equal keys keep their order, reversed or not.
fn order_native<K: Copy>(
    keys: impl Iterator<Item = K>,
    reverse: bool,
    cmp: impl Fn(&K, &K) -> std::cmp::Ordering,
) -> Vec<u32> {
    let mut pairs: Vec<(K, u32)> = keys.zip(0..).collect();
    match reverse {
        true => pairs.sort_by(|a, b| cmp(&b.0, &a.0)),
        false => pairs.sort_by(|a, b| cmp(&a.0, &b.0)),
    }
    pairs.into_iter().map(|p| p.1).collect()
}

/// The positions of `keys` in sorted order.
fn sorted_order(vm: &Vm, keys: &[Value], reverse: bool) -> PyResult<Vec<u32>> {
    if u32::try_from(keys.len()).is_err() {
        return Err(vm.memory_error());
    }
    match common_type(vm, keys) {
        Common::Int => return Ok(order_native(keys.iter().map(Value::small_int_unchecked), reverse, Ord::cmp)),
        Common::Float => {
            let floats = keys.iter().map(Value::float_unchecked);
            return Ok(order_native(floats, reverse, |a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal)));
        }
        Common::Str => {
            let texts = keys.iter().map(|k| {
                let text = k.downcast::<Str>().map_or(&b""[..], Str::as_bytes);
                (prefix(text), text)
            });
            return Ok(order_native(texts, reverse, |a, b| a.0.cmp(&b.0).then_with(|| a.1.cmp(b.1))));
        }
        Common::Tuple | Common::Mixed => {}
    }
    let mut order: Vec<u32> = (0..keys.len() as u32).collect();
    if reverse {
        order.reverse();
    }
    let mut sorter = Sorter {
        less: |a: u32, b: u32| less(vm, &keys[a as usize], &keys[b as usize]),
        left: Vec::new(),
        min_gallop: MIN_GALLOP,
    };
    sorter.sort(&mut order)?;
    if reverse {
        order.reverse();
    }
    Ok(order)
}

/// `a < b` with short cuts for the common types.
pub fn less(vm: &Vm, a: &Value, b: &Value) -> PyResult<bool> {
    if Value::both_small(a, b) {
        return Ok(a.small_int_unchecked() < b.small_int_unchecked());
    }
    if let (Some(x), Some(y)) = (a.as_float(), b.as_float()) {
        return Ok(x < y);
    }
    if vm.is_exact_str(a) && vm.is_exact_str(b) {
        return Ok(match (a.downcast::<Str>(), b.downcast::<Str>()) {
            (Some(x), Some(y)) => x.as_bytes() < y.as_bytes(),
            _ => false,
        });
    }
    if is_tuple(vm, a) && is_tuple(vm, b) {
        let (Some(x), Some(y)) = (a.downcast::<Tuple>(), b.downcast::<Tuple>()) else { return Ok(false) };
        for (p, q) in x.as_slice().iter().zip(y.as_slice()) {
            if !vm.eq(p, q)? {
                return less(vm, p, q);
            }
        }
        return Ok(x.len() < y.len());
    }
    vm.compare_bool(a, b, CmpOp::Lt)
}

/// Wins in a row after which a merge gallops.
const MIN_GALLOP: usize = 7;

/// A merge sort of positions by a comparison that may raise.
struct Sorter<F> {
    less: F,
    /// The left run of the merge under way.
    left: Vec<u32>,
    min_gallop: usize,
}

/// A sorted stretch, and the depth of its boundary with the next one in powersort's tree.
struct Run {
    start: usize,
    len: usize,
    power: u32,
}

impl<F: FnMut(u32, u32) -> PyResult<bool>> Sorter<F> {
    fn sort(&mut self, s: &mut [u32]) -> PyResult<()> {
        let n = s.len();
        let min_run = min_run(n);
        let mut runs: Vec<Run> = Vec::new();
        let mut start = 0;
        while start < n {
            let mut len = self.count_run(&mut s[start..])?;
            if len < min_run {
                let forced = min_run.min(n - start);
                self.insertion_sort(&mut s[start..start + forced], len)?;
                len = forced;
            }
            if let Some(last) = runs.last() {
                let power = boundary_power(last.start, last.len, len, n);
                while runs.len() > 1 && runs[runs.len() - 2].power > power {
                    self.merge_last(s, &mut runs)?;
                }
                if let Some(last) = runs.last_mut() {
                    last.power = power;
                }
            }
            runs.push(Run { start, len, power: 0 });
            start += len;
        }
        while runs.len() > 1 {
            self.merge_last(s, &mut runs)?;
        }
        Ok(())
    }

    /// Length of the run at the beginning; a strictly falling one is reversed.
    fn count_run(&mut self, s: &mut [u32]) -> PyResult<usize> {
        if s.len() < 2 {
            return Ok(s.len());
        }
        let mut n = 2;
        if (self.less)(s[1], s[0])? {
            while n < s.len() && (self.less)(s[n], s[n - 1])? {
                n += 1;
            }
            s[..n].reverse();
        } else {
            while n < s.len() && !(self.less)(s[n], s[n - 1])? {
                n += 1;
            }
        }
        Ok(n)
    }

    /// Sorts `s`, whose first `sorted` positions are, by binary insertion.
    fn insertion_sort(&mut self, s: &mut [u32], sorted: usize) -> PyResult<()> {
        for i in sorted..s.len() {
            let pivot = s[i];
            let (mut low, mut high) = (0, i);
            while low < high {
                let mid = low + (high - low) / 2;
                if (self.less)(pivot, s[mid])? { high = mid } else { low = mid + 1 }
            }
            s.copy_within(low..i, low + 1);
            s[low] = pivot;
        }
        Ok(())
    }

    fn merge_last(&mut self, s: &mut [u32], runs: &mut Vec<Run>) -> PyResult<()> {
        let (Some(right), Some(left)) = (runs.pop(), runs.last_mut()) else { return Ok(()) };
        let both = &mut s[left.start..right.start + right.len];
        let mid = left.len;
        left.len += right.len;
        self.merge(both, mid)
    }

    /// Merges the runs `s[..mid]` and `s[mid..]`.
    fn merge(&mut self, s: &mut [u32], mid: usize) -> PyResult<()> {
        // What is in place already stays there.
        let skip = self.gallop_right(s[mid], &s[..mid], 0)?;
        if skip == mid {
            return Ok(());
        }
        let end = mid + self.gallop_left(s[mid - 1], &s[mid..], s.len() - mid - 1)?;
        let (s, mid) = (&mut s[skip..end], mid - skip);
        let mut left = std::mem::take(&mut self.left);
        left.clear();
        left.extend_from_slice(&s[..mid]);
        let result = self.merge_from(s, mid, &left);
        self.left = left;
        result
    }

    /// Merges `left`, a copy of `s[..mid]`, with `s[mid..]` into `s`.
    fn merge_from(&mut self, s: &mut [u32], mid: usize, left: &[u32]) -> PyResult<()> {
        let (mut i, mut j, mut at) = (0, mid, 0);
        'merge: while i < left.len() && j < s.len() {
            let (mut left_wins, mut right_wins) = (0, 0);
            while left_wins < self.min_gallop && right_wins < self.min_gallop {
                if (self.less)(s[j], left[i])? {
                    s[at] = s[j];
                    j += 1;
                    right_wins += 1;
                    left_wins = 0;
                } else {
                    s[at] = left[i];
                    i += 1;
                    left_wins += 1;
                    right_wins = 0;
                }
                at += 1;
                if i == left.len() || j == s.len() {
                    break 'merge;
                }
            }
            loop {
                self.min_gallop = self.min_gallop.saturating_sub(1).max(1);
                let from_left = self.gallop_right(s[j], &left[i..], 0)?;
                s[at..at + from_left].copy_from_slice(&left[i..i + from_left]);
                i += from_left;
                at += from_left;
                if i == left.len() {
                    break 'merge;
                }
                s[at] = s[j];
                at += 1;
                j += 1;
                if j == s.len() {
                    break 'merge;
                }
                let from_right = self.gallop_left(left[i], &s[j..], 0)?;
                s.copy_within(j..j + from_right, at);
                j += from_right;
                at += from_right;
                if j == s.len() {
                    break 'merge;
                }
                s[at] = left[i];
                at += 1;
                i += 1;
                if i == left.len() {
                    break 'merge;
                }
                if from_left < MIN_GALLOP && from_right < MIN_GALLOP {
                    break;
                }
            }
            self.min_gallop += 2;
        }
        s[at..at + left.len() - i].copy_from_slice(&left[i..]);
        Ok(())
    }

    /// How many of the sorted `run` are less than `key` (it goes in front of its equals). The search starts at `hint`.
    fn gallop_left(&mut self, key: u32, run: &[u32], hint: usize) -> PyResult<usize> {
        let (mut low, mut high);
        let mut step = 1;
        if (self.less)(run[hint], key)? {
            low = hint + 1;
            high = run.len();
            while hint + step < run.len() {
                if !(self.less)(run[hint + step], key)? {
                    high = hint + step;
                    break;
                }
                low = hint + step + 1;
                step = step * 2 + 1;
            }
        } else {
            low = 0;
            high = hint;
            while step <= hint {
                if (self.less)(run[hint - step], key)? {
                    low = hint - step + 1;
                    break;
                }
                high = hint - step;
                step = step * 2 + 1;
            }
        }
        while low < high {
            let mid = low + (high - low) / 2;
            if (self.less)(run[mid], key)? { low = mid + 1 } else { high = mid }
        }
        Ok(low)
    }

    /// How many of the sorted `run` are not greater than `key` (it goes behind its equals). The search starts at `hint`.
    fn gallop_right(&mut self, key: u32, run: &[u32], hint: usize) -> PyResult<usize> {
        let (mut low, mut high) = (hint, run.len());
        let mut step = 1;
        let mut at = hint;
        while at < run.len() {
            if (self.less)(key, run[at])? {
                high = at;
                break;
            }
            low = at + 1;
            at = hint + step;
            step = step * 2 + 1;
        }
        while low < high {
            let mid = low + (high - low) / 2;
            if (self.less)(key, run[mid])? { high = mid } else { low = mid + 1 }
        }
        Ok(low)
    }
}

/// The length to which short runs are extended: between 32 and 64, so that `n` over it is close to a power of two.
fn min_run(mut n: usize) -> usize {
    let mut rest = 0;
    while n >= 64 {
        rest |= n & 1;
        n >>= 1;
    }
    n + rest
}

/// The depth in the merge tree of the boundary between the run at `start` of `len` and the next one of `next` items, among
/// `n` items: the first binary digit in which the runs' midpoints differ (powersort).
fn boundary_power(start: usize, len: usize, next: usize, n: usize) -> u32 {
    // Twice the midpoints, so that they are whole.
    let (mut a, mut b) = (2 * start + len, 2 * start + 2 * len + next);
    let n = 2 * n;
    let mut power = 0;
    loop {
        power += 1;
        a *= 2;
        b *= 2;
        let (x, y) = (a >= n, b >= n);
        if x != y {
            return power;
        }
        if x {
            a -= n;
            b -= n;
        }
        if power > usize::BITS {
            return power;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sort_by_key(keys: &[u16]) -> Vec<u32> {
        let mut order: Vec<u32> = (0..keys.len() as u32).collect();
        let less = |a: u32, b: u32| Ok(keys[a as usize] < keys[b as usize]);
        let mut sorter = Sorter { less, left: Vec::new(), min_gallop: MIN_GALLOP };
        sorter.sort(&mut order).expect("the comparison does not raise");
        order
    }

    fn check(keys: &[u16]) {
        let mut expected: Vec<u32> = (0..keys.len() as u32).collect();
        expected.sort_by_key(|i| keys[*i as usize]);
        assert_eq!(sort_by_key(keys), expected);
    }

    proptest! {
        #[test]
        fn sorts_stably(keys in proptest::collection::vec(0u16..50, 0..700)) {
            check(&keys);
        }

        #[test]
        fn sorts_runs(runs in proptest::collection::vec((any::<u16>(), 1u16..200, any::<bool>()), 0..12)) {
            let keys: Vec<u16> = runs
                .iter()
                .flat_map(|(start, n, up)| (0..*n).map(move |i| if *up { start.wrapping_add(i) } else { start.wrapping_sub(i) }))
                .collect();
            check(&keys);
        }
    }

    #[test]
    fn sorted_input_takes_one_pass() {
        let mut n = 0;
        let less = |a: u32, b: u32| {
            n += 1;
            Ok(a < b)
        };
        let mut sorter = Sorter { less, left: Vec::new(), min_gallop: MIN_GALLOP };
        sorter.sort(&mut (0..1000).collect::<Vec<u32>>()).expect("the comparison does not raise");
        assert_eq!(n, 999);
    }
}

//! A bounded map of what was asked for lately, for the caches that the interpreters of a process share.
//!
//! Entries live in two generations. What is asked for moves to the young one; when that is full it becomes the old one, and
//! the old one goes. So what is used stays, at the cost of one look-up more.
//!
//! Invariant: the weights in each generation sum up to no more than the limit.

use std::collections::HashMap;
use std::hash::Hash;

/// A map that forgets what was not asked for lately.
pub struct Recent<K, V> {
    young: HashMap<K, (V, usize)>,
    old: HashMap<K, (V, usize)>,
    weight: usize,
    limit: usize,
}

impl<K: Hash + Eq, V: Clone> Recent<K, V> {
    /// An empty map whose generations hold entries of `limit` in weight each.
    pub fn new(limit: usize) -> Recent<K, V> {
        Recent { young: HashMap::new(), old: HashMap::new(), weight: 0, limit }
    }

    /// The value of a key.
    pub fn get(&mut self, key: &K) -> Option<V> {
        if let Some((value, _)) = self.young.get(key) {
            return Some(value.clone());
        }
        let (key, (value, weight)) = self.old.remove_entry(key)?;
        self.insert(key, value.clone(), weight);
        Some(value)
    }

    /// Remembers a value, unless it is heavier than an eighth of the limit.
    pub fn insert(&mut self, key: K, value: V, weight: usize) {
        if weight > self.limit / 8 {
            return;
        }
        if self.weight + weight > self.limit {
            self.old = std::mem::take(&mut self.young);
            self.weight = 0;
        }
        self.weight += weight;
        if let Some((_, before)) = self.young.insert(key, (value, weight)) {
            self.weight -= before;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Recent;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let mut map = Recent::new(80);
        map.insert(0, "kept", 10);
        for i in 1..100 {
            map.insert(i, "passing", 10);
            assert_eq!(map.get(&0), Some("kept"));
        }
        assert_eq!(map.get(&1), None);
        assert!(map.young.len() + map.old.len() <= 16);
    }

    #[test]
    fn what_is_too_heavy_is_not_kept() {
        let mut map = Recent::new(80);
        map.insert(1, (), 11);
        assert_eq!(map.get(&1), None);
    }

    #[test]
    fn a_key_counts_once() {
        let mut map = Recent::new(80);
        for _ in 0..100 {
            map.insert(1, "one", 10);
        }
        assert_eq!(map.weight, 10);
    }
}

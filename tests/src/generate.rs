//! Random Python programs, to be run on two runtimes and compared.
//!
//! A program is a function of its seed. It ends by itself, prints the same on every run of a correct runtime (no addresses, no
//! hashes, no order of sets of strings), and asks for no more than a little memory.
//!
//! [`expressions`] tries operations on values of every built-in type and prints the value or the exception; [`statements`] nests
//! statements at random and prints the trail of what ran.

mod expression;
mod statement;

pub use expression::expressions;
pub use statement::statements;

/// A small generator of random numbers (SplitMix64).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Begins at a seed.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    /// Whether a chance of one in `n` comes true.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of several.
    pub fn pick<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_depend_on_their_seeds_only() {
        assert_eq!(expressions(7), expressions(7));
        assert_ne!(expressions(7), expressions(8));
        assert_eq!(statements(7), statements(7));
        assert_ne!(statements(7), statements(8));
    }
}

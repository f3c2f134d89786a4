//! The algorithms behind one type.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use sha3::digest::{ExtendableOutput, Update};
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512, Shake128, Shake256};

macro_rules! states {
    ($($variant:ident $make:ident $name:literal $block:literal;)*) => {
        /// The state of a hash.
        #[derive(Clone)]
        #[expect(missing_docs, reason = "named after the algorithms")]
        pub enum State {
            $( $variant($variant), )*
            Shake128(Shake128),
            Shake256(Shake256),
            Blake2b(blake2b_simd::State, usize),
            Blake2s(blake2s_simd::State, usize),
        }

        #[expect(missing_docs, reason = "named after the algorithms")]
        impl State {
            $( pub fn $make() -> State { State::$variant($variant::new()) } )*

            /// Adds bytes.
            pub fn update(&mut self, bytes: &[u8]) {
                match self {
                    $( State::$variant(h) => Digest::update(h, bytes), )*
                    State::Shake128(h) => h.update(bytes),
                    State::Shake256(h) => h.update(bytes),
                    State::Blake2b(h, _) => drop(h.update(bytes)),
                    State::Blake2s(h, _) => drop(h.update(bytes)),
                }
            }

            /// The digest of what was added so far; of `n` bytes, if the algorithm has no size of its own.
            pub fn digest(&self, n: usize) -> Vec<u8> {
                match self {
                    $( State::$variant(h) => h.clone().finalize().to_vec(), )*
                    State::Shake128(h) => h.clone().finalize_boxed(n).into_vec(),
                    State::Shake256(h) => h.clone().finalize_boxed(n).into_vec(),
                    State::Blake2b(h, _) => h.finalize().as_bytes().to_vec(),
                    State::Blake2s(h, _) => h.finalize().as_bytes().to_vec(),
                }
            }

            /// Bytes of the digest; 0 if the caller chooses.
            pub fn digest_size(&self) -> usize {
                match self {
                    $( State::$variant(_) => <$variant as Digest>::output_size(), )*
                    State::Shake128(_) | State::Shake256(_) => 0,
                    State::Blake2b(_, n) | State::Blake2s(_, n) => *n,
                }
            }

            /// Bytes of a block.
            pub fn block_size(&self) -> usize {
                match self {
                    $( State::$variant(_) => $block, )*
                    State::Shake128(_) => 168,
                    State::Shake256(_) => 136,
                    State::Blake2b(..) => blake2b_simd::BLOCKBYTES,
                    State::Blake2s(..) => blake2s_simd::BLOCKBYTES,
                }
            }

            /// The name of the algorithm.
            pub fn name(&self) -> &'static str {
                match self {
                    $( State::$variant(_) => $name, )*
                    State::Shake128(_) => "shake_128",
                    State::Shake256(_) => "shake_256",
                    State::Blake2b(..) => "blake2b",
                    State::Blake2s(..) => "blake2s",
                }
            }
        }
    };
}

states! {
    Md5 md5 "md5" 64;
    Sha1 sha1 "sha1" 64;
    Sha224 sha224 "sha224" 64;
    Sha256 sha256 "sha256" 64;
    Sha384 sha384 "sha384" 128;
    Sha512 sha512 "sha512" 128;
    Sha3_224 sha3_224 "sha3_224" 144;
    Sha3_256 sha3_256 "sha3_256" 136;
    Sha3_384 sha3_384 "sha3_384" 104;
    Sha3_512 sha3_512 "sha3_512" 72;
}

#[expect(missing_docs, reason = "named after the algorithms")]
impl State {
    pub fn shake_128() -> State {
        State::Shake128(Shake128::default())
    }

    pub fn shake_256() -> State {
        State::Shake256(Shake256::default())
    }

    /// Whether the caller chooses the length of the digest.
    pub fn is_xof(&self) -> bool {
        matches!(self, State::Shake128(_) | State::Shake256(_))
    }
}

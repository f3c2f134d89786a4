//! Portable values, buffers and views.

use proptest::prelude::*;
use serpens_share::buffer::{Layout, ViewError};
use serpens_share::portable::{BigInt, Bytes, Key, Opaque};
use serpens_share::{BufferOwner, BufferView, Portable, SharedBuffer, Text, Tuple};
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn key(value: impl Into<Portable>) -> Key {
    Key::new(value.into()).unwrap()
}

fn hash(key: &Key) -> u64 {
    use std::hash::BuildHasher;
    std::hash::BuildHasherDefault::<std::hash::DefaultHasher>::default().hash_one(key)
}

#[test]
fn text_may_hold_surrogates() {
    let text = Text::from("h\u{e4}\u{1F40D}");
    assert_eq!((text.n_chars(), text.is_ascii(), text.as_str()), (3, false, Some("h\u{e4}\u{1F40D}")));
    let lone = Text::from_wtf8(b"a\xED\xA0\x80b").unwrap();
    assert_eq!((lone.n_chars(), lone.as_str()), (3, None));
    assert!(Text::from_wtf8(b"a\xFF").is_none());
    assert!(Text::from_wtf8(b"\xED\xA0").is_none());
    assert!(Text::from("plain").is_ascii());
    assert!(text.clone().is(&text));
}

#[test]
fn big_integers_are_normal() {
    assert_eq!(BigInt::portable(false, &[5, 0, 0]), Portable::Int(5));
    assert_eq!(BigInt::portable(true, &[0, 0, 0, 0, 0, 0, 0, 0x80]), Portable::Int(i64::MIN));
    let Portable::BigInt(big) = BigInt::portable(false, &[0, 0, 0, 0, 0, 0, 0, 0x80, 0]) else {
        panic!("2**63 is big");
    };
    assert_eq!((big.is_negative(), big.magnitude().len()), (false, 8));
    assert_eq!(format!("{big:?}"), "0x8000000000000000");
}

#[test]
fn tuples_do_not_nest_for_ever() {
    let mut value = Portable::None;
    for depth in 0.. {
        match Tuple::new(vec![value.clone(), value]) {
            Ok(tuple) => value = Portable::Tuple(tuple),
            Err(_) => {
                assert_eq!(depth, Tuple::MAX_DEPTH);
                break;
            }
        }
    }
}

#[test]
fn keys_are_equal_as_python_has_it() {
    assert_eq!(key(1), key(1.0));
    assert_eq!(key(1), key(true));
    assert_eq!(key(0), key(-0.0));
    assert_ne!(key(1), key(1.5));
    assert_eq!(hash(&key(1)), hash(&key(Portable::Complex(Arc::new((1.0, 0.0))))));
    let big = key(BigInt::portable(true, &[0, 0, 0, 0, 0, 0, 0, 0, 4]));
    assert_eq!(big, key(-(2.0_f64.powi(66))));
    assert_eq!(key(2.0_f64.powi(53) - 1.0), key((1_i64 << 53) - 1));
    assert_eq!(key(2.0_f64.powi(62)), key(1_i64 << 62));
    assert_eq!(key(f64::NAN), key(f64::NAN));
    let pair = |a: Portable| key(Tuple::new(vec![a, "x".into()]).unwrap());
    assert_eq!(pair(2.into()), pair(2.0.into()));
    assert_ne!(key("1"), key(&b"1"[..]));
    assert!(Key::new(Portable::Opaque(Opaque::new(1))).is_err());
    assert!(Key::new(Tuple::new(vec![Portable::Pickled(Bytes::new(b""))]).unwrap().into()).is_err());
}

#[test]
fn opaque_things() {
    let thing = Opaque::new(Arc::new(5_u8));
    assert_eq!(thing.get::<Arc<u8>>().map(|five| **five), Some(5));
    assert!(thing.get::<u8>().is_none());
    assert!(thing.clone().is(&thing));
}

#[test]
fn buffers_of_all_kinds() {
    let heap = SharedBuffer::zeroed(10).unwrap();
    assert!(heap.as_ptr().addr().is_multiple_of(64));
    assert_eq!(heap.write_at(3, b"abc"), Ok(Some(())));
    assert_eq!(heap.write_at(8, b"abc"), Ok(None));
    assert_eq!(heap.write_at(usize::MAX, b"abc"), Ok(None));
    assert_eq!(&heap.to_vec(), b"\0\0\0abc\0\0\0\0");
    assert!(heap.as_slice().is_none());
    heap.atomic_u32(4).unwrap().store(u32::from_ne_bytes(*b"wxyz"), Ordering::Relaxed);
    assert!(heap.atomic_u32(5).is_none() && heap.atomic_u64(8).is_none() && heap.atomic_u8(10).is_none());
    drop(heap.clone().freeze().unwrap_err());
    assert_eq!(heap.freeze().unwrap().as_slice(), Some(&b"\0\0\0awxyz\0\0"[..]));

    let vec = SharedBuffer::from_vec(b"hello".to_vec());
    vec.write_at(0, b"J").unwrap();
    assert_eq!(&vec.to_vec(), b"Jello");

    let bytes: Arc<[u8]> = b"fixed"[..].into();
    let frozen = SharedBuffer::from_arc(bytes.clone());
    assert_eq!(frozen.as_slice().map(<[u8]>::as_ptr), Some(bytes.as_ptr()));
    assert!(frozen.write_at(0, b"x").is_err() && frozen.atomic_u8(0).is_none());

    let pages = SharedBuffer::map_anonymous(100_000).unwrap();
    pages.write_at(99_999, b"!").unwrap();
    assert_eq!((pages.len(), pages.to_vec()[99_999]), (100_000, b'!'));
    assert!(pages.freeze().is_err());

    assert!(SharedBuffer::zeroed(usize::MAX).is_err());
    assert!(SharedBuffer::zeroed(0).unwrap().is_empty());
}

#[test]
fn views_keep_memory_alive() {
    struct Owner(Vec<u8>, Arc<AtomicBool>);
    #[expect(unsafe_code, reason = "an owner vouches for its memory")]
    // SAFETY: the vector is never touched again, and it lives as long as the owner.
    unsafe impl BufferOwner for Owner {
        fn memory(&self) -> (NonNull<u8>, usize) {
            (NonNull::from(&self.0[..]).cast(), self.0.len())
        }

        fn is_writable(&self) -> bool {
            false
        }
    }
    impl Drop for Owner {
        fn drop(&mut self) {
            self.1.store(true, Ordering::Relaxed);
        }
    }
    let dropped = Arc::new(AtomicBool::new(false));
    let buffer = SharedBuffer::from_owner(Box::new(Owner(b"foreign".to_vec(), dropped.clone())));
    let view = BufferView::of_bytes(&buffer);
    let other = view.clone();
    assert_eq!(buffer.n_leases(), 2);
    drop((buffer, view));
    assert_eq!(other.buffer().n_leases(), 1);
    let mut out = [0; 4];
    other.buffer().read_at(3, &mut out).unwrap();
    assert_eq!(&out, b"eign");
    assert!(!dropped.load(Ordering::Relaxed));
    drop(other);
    assert!(dropped.load(Ordering::Relaxed));
}

#[test]
fn view_layouts() {
    let buffer = SharedBuffer::zeroed(24).unwrap();
    let matrix = BufferView::new(&buffer, Layout::contiguous("i", 4, &[2, 3], 0, false)).unwrap();
    assert_eq!((matrix.n_bytes(), matrix.is_c_contiguous()), (24, true));
    assert_eq!(matrix.offset_of(&[1, 2]), Some(20));
    assert_eq!(matrix.offset_of(&[2, 0]), None);
    let too_large = BufferView::new(&buffer, Layout::contiguous("i", 4, &[2, 3], 1, false));
    assert_eq!(too_large.unwrap_err(), ViewError::OutOfBounds);
    let backwards = Layout { offset: 20, strides: [-4][..].into(), ..Layout::contiguous("i", 4, &[6], 0, false) };
    let backwards = BufferView::new(&buffer, backwards).unwrap();
    assert_eq!((backwards.offset_of(&[5]), backwards.is_c_contiguous()), (Some(0), false));
    let frozen = SharedBuffer::from_arc(b"x"[..].into());
    assert_eq!(BufferView::new(&frozen, Layout::bytes(0, 1, false)).unwrap_err(), ViewError::ReadOnly);
    assert!(BufferView::new(&buffer, Layout::contiguous("i", 4, &[usize::MAX, usize::MAX], 0, false)).is_err());
    let scalar = BufferView::new(&buffer, Layout::contiguous("d", 8, &[], 16, true)).unwrap();
    assert_eq!((scalar.n_bytes(), scalar.offset_of(&[])), (8, Some(16)));
}

proptest! {
    /// A view is accepted exactly if all its elements lie inside; found by visiting them all.
    #[test]
    fn views_stay_inside(
        len in 0_usize..40,
        offset in 0_usize..45,
        itemsize in 1_usize..9,
        dims in prop::collection::vec((0_usize..4, -12_isize..13), 0..4),
    ) {
        let buffer = SharedBuffer::zeroed(len).unwrap();
        let (shape, strides): (Vec<_>, Vec<_>) = dims.into_iter().unzip();
        let mut offsets = vec![offset as isize];
        for (&n, &stride) in shape.iter().zip(&strides) {
            offsets = (0..n as isize).flat_map(|i| offsets.iter().map(move |at| at + i * stride)).collect();
        }
        let fits = offsets.iter().all(|&at| at >= 0 && at as usize + itemsize <= len)
            && (!offsets.is_empty() || offset <= len);
        let layout = Layout {
            offset, format: "x".into(), itemsize, shape: shape[..].into(), strides: strides[..].into(), read_only: true,
        };
        prop_assert_eq!(BufferView::new(&buffer, layout).is_ok(), fits);
    }

    #[test]
    fn copies_are_exact(before in 0_usize..20, bytes in prop::collection::vec(any::<u8>(), 0..60), after in 0_usize..20) {
        let buffer = SharedBuffer::zeroed(before + bytes.len() + after).unwrap();
        buffer.write_at(before, &bytes).unwrap().unwrap();
        let mut expected = vec![0; before];
        expected.extend(&bytes);
        expected.resize(expected.len() + after, 0);
        prop_assert_eq!(buffer.to_vec(), expected);
        let mut out = vec![0; bytes.len()];
        buffer.read_at(before, &mut out).unwrap();
        prop_assert_eq!(out, bytes);
    }
}

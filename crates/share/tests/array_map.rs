//! Arrays and maps, on threads and against simple models.

use proptest::prelude::*;
use serpens_share::array::ArrayError;
use serpens_share::buffer::{Layout, ReadOnly, ViewError};
use serpens_share::portable::Key;
use serpens_share::{BufferView, Portable, SharedArray, SharedBuffer, SharedMap};
use std::collections::HashMap;
use std::thread;

fn key(value: impl Into<Portable>) -> Key {
    Key::new(value.into()).unwrap()
}

#[test]
fn elements() {
    let array = SharedArray::<i16>::zeros(&[2, 3]).unwrap();
    assert_eq!((array.shape(), array.len()), (&[2, 3][..], 6));
    assert_eq!(array.set(&[1, 2], -7), Ok(Some(())));
    assert_eq!((array.get(&[1, 2]), array.get(&[2, 0]), array.get(&[0])), (Some(-7), None, None));
    assert_eq!(array.fetch_add(&[1, 2], 10), Ok(Some(-7)));
    assert_eq!(array.swap(&[1, 2], 9), Ok(Some(3)));
    assert_eq!(array.compare_exchange(&[1, 2], 9, 5), Ok(Some(Ok(9))));
    assert_eq!(array.compare_exchange(&[1, 2], 9, 6), Ok(Some(Err(5))));
    assert_eq!(array.iter().collect::<Vec<_>>(), [0, 0, 0, 0, 0, 5]);
    array.fill(1).unwrap();
    assert_eq!(array.iter().sum::<i16>(), 6);
    let floats = SharedArray::from_slice(&[1.5, 2.5]).unwrap();
    assert_eq!(floats.fetch_add(&[0], 0.25), Ok(Some(1.5)));
    assert_eq!(floats.get(&[0]), Some(1.75));
    assert_eq!(SharedArray::<i64>::zeros(&[usize::MAX, 2]).err(), Some(ArrayError::Memory));
}

#[test]
fn slices_share_memory() {
    let array = SharedArray::<u32>::zeros(&[4, 5]).unwrap();
    let column = array.slice(1, 2, 1, 1).unwrap();
    column.fill(3).unwrap();
    let backwards = array.slice(0, 3, 2, -2).unwrap();
    assert_eq!(backwards.shape(), [2, 5]);
    backwards.set(&[1, 4], 9).unwrap();
    assert_eq!((array.get(&[1, 4]), array.get(&[0, 2])), (Some(9), Some(3)));
    assert_eq!(array.slice(2, 0, 1, 1).err(), Some(ViewError::Malformed));
    assert_eq!(array.slice(0, 3, 2, 1).err(), Some(ViewError::OutOfBounds));
    assert_eq!(array.slice(0, 0, 2, isize::MIN).err(), Some(ViewError::OutOfBounds));
    assert!(array.slice(0, 4, 0, 1).unwrap().is_empty());
}

#[test]
fn views_as_arrays() {
    let buffer = SharedBuffer::zeroed(17).unwrap();
    let at = |offset| BufferView::new(&buffer, Layout::contiguous("q", 8, &[2], offset, false)).unwrap();
    assert!(SharedArray::<f64>::of_view(at(0)).is_ok());
    assert_eq!(SharedArray::<f64>::of_view(at(1)).err(), Some(ArrayError::Alignment));
    assert_eq!(SharedArray::<f32>::of_view(at(0)).err(), Some(ArrayError::ItemSize));
    let fixed = SharedBuffer::from_vec(vec![1, 0, 2, 0]).freeze().unwrap();
    let view = BufferView::new(&fixed, Layout::contiguous("H", 2, &[2], 0, true)).unwrap();
    if let Ok(array) = SharedArray::<u16>::of_view(view) {
        assert_eq!(array.get(&[1]), Some(u16::from_ne_bytes([2, 0])));
        assert_eq!(array.set(&[1], 1), Err(ReadOnly));
    }
}

#[test]
fn additions_are_not_lost() {
    let array = SharedArray::<f64>::zeros(&[2]).unwrap();
    let map = SharedMap::new();
    thread::scope(|scope| {
        for who in 0..3 {
            let (array, map) = (array.clone(), &map);
            scope.spawn(move || {
                for _ in 0..2_000 {
                    array.fetch_add(&[who % 2], 1.0).unwrap();
                    map.update(key(0), |n| match n {
                        Some(Portable::Int(n)) => Some(Portable::Int(n + 1)),
                        _ => Some(Portable::Int(1)),
                    });
                }
            });
        }
    });
    assert_eq!(array.iter().sum::<f64>(), 6_000.0);
    assert_eq!(map.get(&key(0)), Some(Portable::Int(6_000)));
}

#[test]
fn map_of_equal_keys() {
    let map = SharedMap::new();
    assert_eq!(map.insert(key(1), "one".into()), None);
    assert_eq!(map.insert(key(1.0), "uno".into()), Some("one".into()));
    assert_eq!(map.get(&key(true)), Some("uno".into()));
    assert_eq!(map.insert_new(key(1), ().into()), Err("uno".into()));
    assert_eq!(map.snapshot(), [(Portable::Float(1.0), "uno".into())]);
    map.clear();
    assert!(map.is_empty());
}

#[derive(Clone, Debug)]
enum Step {
    Insert(i64, i64),
    Remove(i64),
    Exchange(i64, Option<i64>, Option<i64>),
    Update(i64, Option<i64>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let number = || 0_i64..4;
    let maybe = || prop::option::of(0_i64..4);
    prop::collection::vec(
        prop_oneof![
            (number(), number()).prop_map(|(key, value)| Step::Insert(key, value)),
            number().prop_map(Step::Remove),
            (number(), maybe(), maybe()).prop_map(|(key, old, new)| Step::Exchange(key, old, new)),
            (number(), maybe()).prop_map(|(key, new)| Step::Update(key, new)),
        ],
        0..50,
    )
}

proptest! {
    #[test]
    fn map_like_a_hash_map(steps in steps()) {
        let (map, mut model) = (SharedMap::new(), HashMap::<i64, i64>::new());
        let set = |model: &mut HashMap<_, _>, at, new| match new {
            Some(new) => model.insert(at, new),
            None => model.remove(&at),
        };
        for step in steps {
            match step {
                Step::Insert(at, value) => prop_assert_eq!(
                    map.insert(key(at), value.into()), model.insert(at, value).map(Portable::Int)),
                Step::Remove(at) => prop_assert_eq!(map.remove(&key(at)), model.remove(&at).map(Portable::Int)),
                Step::Exchange(at, old, new) => {
                    let current = model.get(&at).copied();
                    let expected = if current == old { Ok(()) } else { Err(current.map(Portable::Int)) };
                    if current == old {
                        set(&mut model, at, new);
                    }
                    let (old, new) = (old.map(Portable::Int), new.map(Portable::Int));
                    prop_assert_eq!(map.compare_and_set(key(at), old.as_ref(), new), expected);
                }
                Step::Update(at, new) => {
                    let mut seen = None;
                    let result = map.update(key(at), |current| {
                        seen = current.cloned();
                        new.map(Portable::Int)
                    });
                    prop_assert_eq!(result, new.map(Portable::Int));
                    prop_assert_eq!(seen, set(&mut model, at, new).map(Portable::Int));
                }
            }
            prop_assert_eq!(map.len(), model.len());
        }
        let mut all: Vec<_> = map.snapshot().into_iter().map(|(key, value)| format!("{key:?} {value:?}")).collect();
        let mut expected: Vec<_> = model.into_iter().map(|(key, value)| format!("Int({key}) Int({value})")).collect();
        all.sort();
        expected.sort();
        prop_assert_eq!(all, expected);
    }

    /// A slice holds what picking the indices by hand holds.
    #[test]
    fn slices_pick_the_right_elements(len in 0_usize..8, start in 0_usize..9, n in 0_usize..9, step in -3_isize..4) {
        let numbers: Vec<u8> = (0..len as u8).collect();
        let array = SharedArray::from_slice(&numbers).unwrap();
        let picked: Option<Vec<u8>> = (0..n as isize)
            .map(|i| usize::try_from(start as isize + i * step).ok().and_then(|at| numbers.get(at).copied()))
            .collect();
        match array.slice(0, start, n, step) {
            Ok(slice) => prop_assert_eq!(Some(slice.iter().collect::<Vec<_>>()), picked),
            Err(_) => prop_assert!(picked.is_none() || start > len),
        }
    }
}

#[test]
fn an_index_takes_a_dimension_away() {
    let array = SharedArray::<i32>::zeros(&[2, 3]).unwrap();
    for (n, at) in [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]].into_iter().enumerate() {
        array.set(&at, n as i32).unwrap().unwrap();
    }
    let row = array.index(0, 1).unwrap();
    assert_eq!((row.shape(), row.iter().collect::<Vec<_>>()), (&[3][..], vec![3, 4, 5]));
    let column = array.index(1, 2).unwrap();
    assert_eq!(column.iter().collect::<Vec<_>>(), [2, 5]);
    column.set(&[1], 50).unwrap().unwrap();
    assert_eq!(array.get(&[1, 2]), Some(50));
    let single = row.index(0, 0).unwrap();
    assert_eq!((single.shape(), single.get(&[])), (&[][..], Some(3)));
    assert!(array.index(0, 2).is_err() && array.index(2, 0).is_err());
    let read_only = row.read_only().unwrap();
    assert!(read_only.set(&[0], 1).is_err());
    assert_eq!(read_only.get(&[0]), Some(3));
}

#[test]
fn what_is_looked_for_borrowed_is_found() {
    use serpens_share::portable::{BigInt, Bytes, Lookup};
    let map = SharedMap::new();
    let keys = [
        Portable::Int(-7),
        Portable::Bool(true),
        Portable::Float(2.0),
        Portable::Str("caf\u{e9}".into()),
        Portable::Str("".into()),
        Portable::Bytes(Bytes::new(b"caf")),
        Portable::None,
        Portable::Float(0.5),
        BigInt::portable(false, &[0; 9].map(|_| 1)),
        Portable::Tuple(serpens_share::Tuple::new(vec![Portable::Int(1), Portable::Str("x".into())]).unwrap()),
    ];
    for (n, key) in keys.iter().enumerate() {
        map.insert(Key::new(key.clone()).unwrap(), Portable::Int(n as i64));
    }
    for (n, key) in keys.iter().enumerate() {
        let key = Key::new(key.clone()).unwrap();
        assert_eq!(map.read(Lookup::Key(&key), Portable::clone), Some(Portable::Int(n as i64)));
    }
    let expected = [(-7, Some(0)), (1, Some(1)), (2, Some(2)), (0, None), (3, None)];
    for (key, n) in expected {
        assert_eq!(map.read(Lookup::Int(key), Portable::clone), n.map(Portable::Int));
    }
    for (key, n) in [("caf\u{e9}", Some(3)), ("", Some(4)), ("caf", None), ("x", None)] {
        assert_eq!(map.read(Lookup::Text(key.as_bytes()), Portable::clone), n.map(Portable::Int));
    }
}

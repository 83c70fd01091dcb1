//! The join against the obvious quadratic one.

use proptest::prelude::*;
use tombolo_kernels::KernelError;
use tombolo_kernels::matching::match_indices;

fn first_repeat(elements: &[Vec<u8>]) -> Option<usize> {
    (0..elements.len()).find(|&i| elements[..i].contains(&elements[i]))
}

proptest! {
    #[test]
    fn agrees_with_a_quadratic_join(
        left in prop::collection::vec(prop::collection::vec(0u8..3, 9), 0..12),
        right in prop::collection::vec(prop::collection::vec(0u8..3, 9), 0..12),
        narrow in 1usize..10,
    ) {
        let cut = |side: &[Vec<u8>]| side.iter().map(|element| element[9 - narrow..].to_vec()).collect::<Vec<_>>();
        let (left, right) = (cut(&left), cut(&right));
        let found = match_indices(&left.concat(), &right.concat(), narrow);
        match first_repeat(&left).or_else(|| first_repeat(&right)) {
            Some(index) => prop_assert_eq!(found.err(), Some(KernelError::Duplicate(index))),
            None => {
                let expected: Vec<(u32, u32)> = (0..left.len())
                    .flat_map(|i| (0..right.len()).map(move |j| (i, j)))
                    .filter(|&(i, j)| left[i] == right[j])
                    .map(|(i, j)| (i as u32, j as u32))
                    .collect();
                let found = found.unwrap();
                prop_assert_eq!(found.left.into_iter().zip(found.right).collect::<Vec<_>>(), expected);
            }
        }
    }
}

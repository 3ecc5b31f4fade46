//! One encoding per program.

use crate::strategy::{any_program, sample};
use fedproof_program::{keccak256, Program, ProgramError};
use proptest::prelude::*;

proptest! {
    #[test]
    fn round_trip(program in any_program()) {
        let bytes = program.encode();
        prop_assert_eq!(program.digest(), keccak256(&[&bytes]));
        prop_assert_eq!(Program::decode(&bytes), Ok(program));
    }

    #[test]
    fn other_lengths_are_refused(program in any_program(), cut in any::<prop::sample::Index>(), more in 1usize..9) {
        let mut bytes = program.encode();
        prop_assert!(Program::decode(&bytes[..cut.index(bytes.len())]).is_err());
        bytes.resize(bytes.len() + more, 0);
        prop_assert_eq!(Program::decode(&bytes), Err(ProgramError::Encoding("trailing bytes")));
    }

    /// Whatever decodes is the only encoding of what it decodes to.
    #[test]
    fn changed_bytes_are_refused_or_another_program(program in any_program(), at in any::<prop::sample::Index>(), flip in 1u8..) {
        let mut bytes = program.encode();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(other) = Program::decode(&bytes) {
            prop_assert_ne!(&other, &program);
            prop_assert_eq!(other.encode(), bytes);
        }
    }

    #[test]
    fn anything_decodes_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..120), head in any::<bool>()) {
        let bytes = if head { [b"FPRG\x00\x01".to_vec(), bytes].concat() } else { bytes };
        if let Ok(program) = Program::decode(&bytes) {
            prop_assert_eq!(program.encode(), bytes);
        }
    }
}

#[test]
fn bytes_are_as_specified() {
    let expected = [
        &b"FPRG"[..],
        &[0, 1, 1, 2],
        &[0, 0, 0, 30, 0, 0, 0, 16, 0, 0, 0, 2, 1],
        &[0, 0, 0, 10, 0, 0, 0, 8, 0, 0, 0, 8],
        &[12, 40, 6, 10, 0, 0, 0, 0, 0, 0, 4, 0, 44, 2, 4],
    ];
    assert_eq!(sample().encode(), expected.concat());
}

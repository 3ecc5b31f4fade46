//! One encoding per program.

use crate::strategy::{any_program, rich, sample};
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
        let bytes = if head { [b"FPRG\x00\x02".to_vec(), bytes].concat() } else { bytes };
        if let Ok(program) = Program::decode(&bytes) {
            prop_assert_eq!(program.encode(), bytes);
        }
    }
}

#[test]
fn bytes_are_as_specified() {
    let expected = [
        &b"FPRG"[..],
        &[0, 2, 1, 1, 2],
        &[0, 0, 0, 30, 0, 0, 0, 16, 0, 0, 0, 2, 1],
        &[0, 0, 0, 10, 0, 0, 0, 8, 0, 0, 0, 8],
        &[12, 12, 40, 6, 10, 44, 2, 4, 13],
        &[0, 0, 0, 0, 0],
        &[0, 0, 0, 0, 0, 0, 0, 4, 0],
    ];
    assert_eq!(sample().encode(), expected.concat());
    let expected = [
        &b"FPRG"[..],
        &[0, 2, 2, 1, 2],
        &[0, 0, 0, 30, 0, 0, 0, 16, 0, 0, 0, 2, 4],
        &[0, 0, 0, 2, 0, 0, 0, 8, 0, 0, 0, 8],
        &[12, 12, 40, 6, 10, 44, 2, 4, 13],
        &[0, 0, 0, 0, 1, 1, 0, 1, 2],
        &[1, 3, 0, 0, 0, 0, 0, 0, 2, 188, 255, 255, 255, 255, 255, 255, 255, 255],
        &[0, 0, 0, 0, 0, 0, 0, 8, 255, 255, 255, 255, 255, 255, 255, 254],
    ];
    assert_eq!(rich().encode(), expected.concat());
}

/// Bytes that no program has, each with the message that names it.
#[test]
fn strange_bytes_are_named() {
    let fails = |at: usize, byte: u8| {
        let mut bytes = rich().encode();
        bytes[at] = byte;
        Program::decode(&bytes).unwrap_err().to_string()
    };
    for (at, byte, why) in [
        (0, 0, "magic"),
        (5, 1, "version"),
        (6, 4, "unknown loss"),
        (7, 2, "one-hot flag"),
        (8, 0, "number of layers"),
        (8, 17, "number of layers"),
        (21, 7, "unknown activation"),
        (47, 2, "weights flag"),
        (52, 2, "kernel"),
    ] {
        let message = fails(at, byte);
        assert!(message.contains(why), "{at} {byte}: {message}");
    }
    // a number of steps that promises more kernel than there is
    let mut bytes = rich().encode();
    bytes[22..26].fill(255);
    assert_eq!(Program::decode(&bytes), Err(ProgramError::Encoding("too short")));
    // an empty list of weights has no second form
    let mut bytes = sample().encode();
    bytes[47] = 1;
    assert!(Program::decode(&bytes).is_err());
}

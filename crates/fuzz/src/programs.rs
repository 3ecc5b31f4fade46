//! Programs.

use crate::scene;
use fedproof_program::{Activation, Kernel, Layout, Loss, Program, RegistrationLayout};

/// Decoding gives an error, or a program with this one encoding, a layout and sizes of proofs.
pub(crate) fn decode(bytes: &[u8]) {
    let Ok(program) = Program::decode(bytes) else { return };
    assert!(program.encode() == bytes, "a second encoding of a program");
    let layout = Layout::of(&program);
    let registration = RegistrationLayout::of(&program, &layout);
    assert!(layout.proof_bytes() > 0 && registration.proof_bytes() > 0);
    assert!(layout.setup_powers() > layout.n());
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let explicit = |p: &mut Program| {
        p.kernel = Kernel::Explicit { fraction_bits: 4, taps: vec![48, 32, 16, 80], decay: vec![16, 15, 14, 13] };
    };
    let weighted = |p: &mut Program, weights: &[u16]| {
        (p.weight_bits, p.bound_bits) = (12, 14);
        p.loss_weights = weights.to_vec();
    };
    let smooth = |p: &mut Program| p.activations = vec![Activation::Tanh, Activation::Sigmoid];
    [
        scene::program(Loss::Sigmoid, &[5, 3, 3], |_| {}),
        scene::program(Loss::Sigmoid, &[4, 1], |p| weighted(p, &[256, 512])),
        scene::program(Loss::Squared, &[3, 4, 2, 2], smooth),
        scene::program(Loss::Softmax, &[5, 3, 3], |p| weighted(p, &[256, 300, 128])),
        scene::program(Loss::Huber, &[4, 3, 2], explicit),
    ]
    .iter()
    .map(Program::encode)
    .collect()
}

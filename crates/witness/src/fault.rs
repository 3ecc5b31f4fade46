//! Fault injection: what a prover that cheats in exactly one place would compute. For tests of soundness.

/// An intermediate of one layer in one step that a [`Hook`] may change. Everything downstream, the new weights included, follows from
/// the changed value, so exactly one relation of the proof is violated.
///
/// Shapes, row-major: weights and gradients (d_{i-1} + 1, 2^J_i); `Valid` (B); `Decay` one, `Taps` as many as there are gradients;
/// all others (B, 2^J_i), padded units included. The letters F, B, D, P, Q, H are the trace regions of docs/protocol.md, section 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Weights that the forward product of the layer uses.
    ForwardWeights,
    /// Forward product Z. The hook gets zeros: what it writes is **added** to Z.
    Z,
    /// Saturated forward value; the saturation distance is adapted so that `q + ex` stays.
    Clamp,
    /// Forward value q; the remainder is adapted, its top limb leaves its range.
    Q,
    /// Activation a on F rows (of the output layer too, there a copy with softmax and Huber).
    Activation,
    /// Derivative s of a hidden layer (F rows and, copied, B or D rows).
    Derivative,
    /// Derivative on the B or D rows only.
    DerivativeCopy,
    /// Targets, layer L.
    Label,
    /// Valid flags, layer L.
    Valid,
    /// Delta of a layer without D rows.
    Delta,
    /// Weights of layer i + 1 that the backward product E_i uses; the layer given is i + 1.
    BackwardWeights,
    /// Backward product E_i. The hook gets zeros: what it writes is **added** to E.
    E,
    /// Saturated backward value, as [`Quantity::Clamp`].
    ClampE,
    /// Backward value, as [`Quantity::Q`].
    QE,
    /// Backward value as it stands on D rows.
    QCopy,
    /// Product on D rows, at scale 2^F'. The hook gets zeros: what it writes is **added**.
    Scaled,
    /// Saturated delta on D rows, as [`Quantity::Clamp`].
    ClampScaled,
    /// Delta on D rows, as [`Quantity::Q`].
    QScaled,
    /// Prediction - target on the D rows of layer L.
    Residual,
    /// Class or label weight on the D rows of layer L.
    LossWeight,
    /// M - q on P rows.
    Exponent,
    /// e on P rows (and, copied, on Q rows).
    Exponential,
    /// Mark of the maximum on P rows.
    Mark,
    /// e on Q rows only.
    ExponentialCopy,
    /// S on Q rows.
    Sum,
    /// Quotient on Q rows; the remainder is adapted and leaves its range.
    Quotient,
    /// Remainder of the quotient; what completes it to 2S - 1 is adapted. The hook gets zeros: what it writes is **added**.
    Remainder,
    /// What completes the remainder to 2S - 1. The hook gets zeros: what it writes is **added**.
    Complement,
    /// Difference of the Huber loss. The hook gets zeros: what it writes is **added**.
    Difference,
    /// Saturated difference, as [`Quantity::Clamp`].
    ClampDifference,
    /// Clamped difference on H rows (and, copied, on F rows).
    Clamped,
    /// Gradient of a layer's weights.
    Gradient,
    /// c of the step after this one (explicit kernels).
    Decay,
    /// kappa of every step so far, oldest first, for the weights of the step after this one; plain kernels: k alone.
    Taps,
}

/// Called with every (quantity, layer, step, cells) in the order of execution.
pub type Hook<'a> = dyn Fn(Quantity, usize, usize, &mut [i64]) + 'a;

//! Fault injection: what a prover that cheats in exactly one place would compute. For tests of soundness.

/// An intermediate of one layer in one step that a [`Hook`] may change. Everything downstream, the new weights included, follows from
/// the changed value, so exactly one relation of the proof is violated.
///
/// Shapes, row-major: weights and gradients (d_{i-1} + 1, 2^J_i); `Valid` (B); all others (B, 2^J_i), padded units included.
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
    /// Activation a (of the output layer too).
    Activation,
    /// Derivative s of a hidden layer (forward rows and, copied, backward rows).
    Derivative,
    /// Derivative on the backward rows only.
    DerivativeCopy,
    /// Targets, layer L.
    Label,
    /// Valid flags, layer L.
    Valid,
    /// Delta of a layer.
    Delta,
    /// Weights of layer i + 1 that the backward product E_i uses; the layer given is i + 1.
    BackwardWeights,
    /// Backward product E_i. The hook gets zeros: what it writes is **added** to E.
    E,
    /// Saturated backward value, as [`Quantity::Clamp`].
    ClampE,
    /// Backward value, as [`Quantity::Q`].
    QE,
    /// Gradient of a layer's weights.
    Gradient,
}

/// Called with every (quantity, layer, step, cells) in the order of execution.
pub type Hook<'a> = dyn Fn(Quantity, usize, usize, &mut [i64]) + 'a;

//! The soundness bound of docs/protocol.md, section 6, as a number.

use crate::{Layout, Stage, Unit};

/// log2 of the powers of the largest public ceremony, doubled.
const CEREMONY_BITS: u32 = 29;

/// Soundness error of one training proof is at most 2^-(this), before random-oracle queries; the curve limits the system to about 100 bits.
pub fn soundness_bits(layout: &Layout) -> f64 {
    let lookups = layout.helpers.iter().flatten().filter(|u| !matches!(u, Unit::Lane(_))).count() as f64;
    let table_rows: f64 = layout.segments.iter().map(|s| (1u64 << s.bits) as f64).sum();
    // A cheating prover may use every power of the ceremony, not only those that the program needs.
    let powers = (1u64 << CEREMONY_BITS) as f64;
    let relations = {
        let values: usize = [Stage::S1a, Stage::S1b, Stage::S2].iter().map(|&s| layout.masks.value_count(s)).sum();
        // closings, key tables, links (at most two per layer and five of the output), count, degree
        values + 3 + layout.table_lanes().len() + 2 * layout.weights.len() + 7 + 2
    };
    let points = layout.c
        + layout.tb
        + layout.bb
        + layout.unit_bits.iter().max().unwrap_or(&0)
        + layout.weight_vector_bits()
        + layout.vector_bits;
    let batching =
        layout.columns.helpers + 10 + layout.terms_a.len() + layout.terms_b.len() + relations + layout.weight_vectors + 4;
    let total = (1u64 << layout.c) as f64 * lookups * (3.0 * table_rows + 1.0)
        + table_rows
        + (points + batching + layout.masks.fold_scalars()) as f64
        + 8.0 * powers;
    253.0 - total.log2()
}

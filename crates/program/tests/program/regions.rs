//! Trace regions, the dataset's records and the weights: aligned, disjoint, complete, cut into vectors.

use crate::strategy::{any_program, rich, sample};
use fedproof_program::{log2_ceil, Direction, Layout, Loss, Program};
use proptest::prelude::*;

/// Requires aligned (offset, bits) that cover 0..end without gap or overlap; returns the end.
pub fn placed(mut parts: Vec<(usize, usize)>) -> Result<usize, TestCaseError> {
    parts.sort();
    let mut next = 0;
    for (offset, bits) in parts {
        prop_assert_eq!(offset, next);
        prop_assert_eq!(offset % (1 << bits), 0);
        next += 1 << bits;
    }
    Ok(next)
}

/// Kinds of regions of a layer, in order.
fn kinds(p: &Program, layer: usize) -> Vec<Direction> {
    use Direction::*;
    if layer < p.layers() {
        let smooth = p.activations[layer - 1].code() >= 2;
        return if smooth { vec![Forward, Backward, Derivative] } else { vec![Forward, Backward] };
    }
    let mut out = vec![Forward];
    out.extend((!p.loss_weights.is_empty()).then_some(Derivative));
    out.extend((p.loss == Loss::Softmax).then_some([Exponential, Quotient]).into_iter().flatten());
    out.extend((p.loss == Loss::Huber).then_some(Difference));
    out
}

fn check_record(p: &Program, layout: &Layout) -> Result<(), TestCaseError> {
    let record = layout.record;
    let targets = record.targets..record.targets + (1 << log2_ceil(p.outputs()));
    prop_assert_eq!(record.targets % targets.len(), 0);
    prop_assert!(record.targets >= p.dims[0] && targets.end <= 1 << record.bits);
    prop_assert!(record.valid >= p.dims[0] && record.valid < 1 << record.bits && !targets.contains(&record.valid));
    prop_assert!(record.bits <= 2 + log2_ceil(p.dims[0] + 1).max(1 + log2_ceil(p.outputs())));
    prop_assert!(record.bits <= layout.vector_bits);
    prop_assert_eq!(layout.data_bits(), log2_ceil(p.blocks) + log2_ceil(p.batch) + record.bits);
    prop_assert_eq!(layout.data_vectors, (1usize << layout.data_bits()).div_ceil(layout.n()));
    Ok(())
}

proptest! {
    #[test]
    fn invariants(p in any_program()) {
        let layout = Layout::of(&p);
        let layers = p.layers();
        prop_assert_eq!(layout.n(), 1 << p.vector_bits);
        prop_assert_eq!(placed(layout.regions.iter().map(|r| (r.offset, r.bits)).collect())?, layout.trace_rows);
        prop_assert_eq!(layout.regions.len(), (1..=layers).map(|i| kinds(&p, i).len()).sum::<usize>());
        for i in 1..=layers {
            let bits = layout.tb + layout.bb + layout.unit_bits[i];
            for direction in kinds(&p, i) {
                prop_assert_eq!(layout.region(i, direction).map(|r| r.bits), Some(bits));
            }
            prop_assert_eq!(p.has_derivative_region(i), layout.region(i, Direction::Derivative).is_some());
            prop_assert!(1 << layout.unit_bits[i] >= p.dims[i] && 1 << layout.input_bits[i] > p.dims[i - 1]);
            prop_assert_eq!(layout.weights[i - 1].bits, layout.unit_bits[i] + layout.input_bits[i]);
        }
        let order = |r: &fedproof_program::Region| {
            (std::cmp::Reverse(r.bits), r.layer, kinds(&p, r.layer).iter().position(|d| *d == r.direction))
        };
        prop_assert!(layout.regions.windows(2).all(|w| order(&w[0]) < order(&w[1]) && w[0].offset < w[1].offset));
        let cells = placed(layout.weights.iter().map(|w| (w.offset, w.bits)).collect())?;
        prop_assert_eq!(layout.weight_vectors, cells.div_ceil(layout.n()));
        prop_assert!(layout.weight_vectors.max(layout.data_vectors) <= 1024);
        prop_assert_eq!((1 << layout.weight_vector_bits(), 1 << layout.data_vector_bits()),
            (layout.weight_vectors.next_power_of_two(), layout.data_vectors.next_power_of_two()));
        prop_assert!(1 << layout.tb >= p.steps && (1 << layout.tb) < 2 * p.steps && 1 << layout.bb == p.batch);
        prop_assert_eq!(layout.c, log2_ceil(layout.trace_rows).max(layout.vector_bits));
        prop_assert_eq!(layout.row_vector_bits(), layout.c - layout.vector_bits);
        check_record(&p, &layout)?;
    }

    /// The shortest vectors are legal, and none shorter are.
    #[test]
    fn shortest_vectors(p in any_program()) {
        let shortest = Program { vector_bits: 0, ..p.clone() }.with_shortest_vectors().unwrap();
        prop_assert!(shortest.vector_bits <= p.vector_bits);
        for vector_bits in 0..shortest.vector_bits {
            let shorter = Program { vector_bits, ..p.clone() };
            prop_assert!(shorter.validated().is_err());
        }
    }
}

/// Largest first, then by layer, then F, B, D, P, Q, H.
#[test]
fn regions_of_two_programs() {
    use Direction::*;
    let places = |p: &Program| {
        let layout = Layout::of(p);
        layout.regions.iter().map(|r| (r.layer, r.direction, r.offset, r.bits)).collect::<Vec<_>>()
    };
    let softmax = [(1, Forward, 0), (1, Backward, 256), (1, Derivative, 512)].map(|(i, d, at)| (i, d, at, 8));
    let output = [(2, Forward, 768), (2, Derivative, 800), (2, Exponential, 832), (2, Quotient, 864)];
    assert_eq!(places(&rich()), [softmax.to_vec(), output.map(|(i, d, at)| (i, d, at, 5)).to_vec()].concat());
    let huber = Program { loss: Loss::Huber, one_hot: false, huber: 9, dims: vec![3, 2, 8], ..sample() };
    let rows = [(2, Forward, 0, 10), (2, Difference, 1024, 10), (1, Forward, 2048, 8), (1, Backward, 2304, 8)];
    assert_eq!(places(&huber), rows);
}

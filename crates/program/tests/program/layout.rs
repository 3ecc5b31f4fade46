//! Regions, records, weights, segments: aligned, disjoint, complete.

use crate::strategy::any_program;
use fedproof_program::{log2_ceil, Columns, Direction, Layout, Loss, Program, Segment, SegmentKind, TermKind, Unit};
use proptest::prelude::*;

/// Requires aligned (offset, bits) that cover 0..end without gap or overlap; returns the end.
fn placed(mut parts: Vec<(usize, usize)>) -> Result<usize, TestCaseError> {
    parts.sort();
    let mut next = 0;
    for (offset, bits) in parts {
        prop_assert_eq!(offset, next);
        prop_assert_eq!(offset % (1 << bits), 0);
        next += 1 << bits;
    }
    Ok(next)
}

fn check_segments(p: &Program, layout: &Layout) -> Result<(), TestCaseError> {
    for lane in 0..layout.columns.lanes {
        let parts: Vec<(usize, usize)> = layout.segments.iter().filter(|s| s.lane == lane).map(|s| (s.offset, s.bits)).collect();
        prop_assert!(!parts.is_empty());
        prop_assert!(placed(parts)? <= layout.n());
    }
    prop_assert!(layout.segments.iter().all(|s| s.lane < layout.columns.lanes));
    prop_assert!(layout.segments.windows(2).all(|w| w[0].bits >= w[1].bits));
    let tags = |kind: SegmentKind| layout.segments.iter().filter(|s| s.kind == kind).collect::<Vec<&Segment>>();
    for unit in layout.helpers.iter().flatten() {
        if let Unit::Limb { tag, .. } = unit {
            let found = tags(SegmentKind::Range).iter().filter(|s| s.tag == *tag && s.bits as u64 == *tag).count();
            prop_assert_eq!(found, 1);
        }
    }
    for kind in &p.activations {
        prop_assert_eq!(tags(SegmentKind::Hidden(*kind)).len(), 1);
    }
    prop_assert_eq!(tags(SegmentKind::Sigmoid).len(), usize::from(p.loss == Loss::Sigmoid));
    Ok(())
}

fn check_record(p: &Program, layout: &Layout) -> Result<(), TestCaseError> {
    let record = layout.record;
    let targets = record.targets..record.targets + (1 << log2_ceil(p.outputs()));
    prop_assert_eq!(record.targets % targets.len(), 0);
    prop_assert!(record.targets >= p.dims[0] && targets.end <= 1 << record.bits);
    prop_assert!(record.valid >= p.dims[0] && record.valid < 1 << record.bits && !targets.contains(&record.valid));
    prop_assert!(record.bits <= 2 + log2_ceil(p.dims[0] + 1).max(1 + log2_ceil(p.outputs())));
    prop_assert!(layout.bb + record.bits <= layout.c);
    prop_assert_eq!(layout.data_bits(), log2_ceil(p.blocks) + log2_ceil(p.batch) + record.bits);
    prop_assert_eq!(layout.data_bits().max(layout.c), layout.data_vector_bits + layout.c);
    Ok(())
}

fn check_units(p: &Program, layout: &Layout) -> Result<(), TestCaseError> {
    let columns = &layout.columns;
    let units: Vec<Unit> = layout.helpers.iter().flatten().copied().collect();
    let mut expected: Vec<Unit> = Vec::new();
    for (k, &width) in columns.limb_bits.iter().enumerate() {
        prop_assert!(width == p.bits || (width < p.bits && width > 0 && k + 1 == columns.limb_bits.len()));
        expected.push(Unit::Limb { column: columns.remainder(k), tag: width.into() });
    }
    prop_assert_eq!(columns.limb_bits.iter().sum::<u32>(), p.weight_bits);
    expected.extend((0..columns.excess_limbs).map(|k| Unit::Limb { column: columns.excess_limb(k), tag: p.bits.into() }));
    expected.push(Unit::Activation);
    expected.extend((0..columns.lanes).map(Unit::Lane));
    // Every unit once, in order within a helper, none where an earlier helper had room.
    prop_assert_eq!(units.len(), expected.len());
    let place = |u: &Unit| expected.iter().position(|e| e == u);
    let weight = |h: &[Unit]| h.iter().map(|u| u.weight()).sum::<usize>();
    for (g, helper) in layout.helpers.iter().enumerate() {
        prop_assert!(weight(helper) <= p.group);
        prop_assert!(helper.iter().all(|u| place(u).is_some()));
        prop_assert!(helper.windows(2).all(|w| place(&w[0]) < place(&w[1])));
        for unit in helper {
            let before = |h: &[Unit]| h.iter().filter(|u| place(u) < place(unit)).map(|u| u.weight()).sum::<usize>();
            prop_assert!(layout.helpers[..g].iter().all(|h| before(h) + unit.weight() > p.group));
        }
    }
    Ok(())
}

fn check_columns(layout: &Layout) -> Result<(), TestCaseError> {
    let columns = &layout.columns;
    let mut names = vec!["q".to_string(), "sg".into(), "ex".into()];
    names.extend((0..columns.excess_limbs).map(|k| format!("g{k}")));
    names.extend((0..columns.limb_bits.len()).map(|k| format!("r{k}")));
    names.extend(["a".into(), "s".into()]);
    names.extend((0..columns.lanes).map(|p| format!("mu{p}")));
    prop_assert_eq!(columns.committed_first(), names.len());
    names.extend((0..layout.helpers.len()).map(|g| format!("h{g}")));
    prop_assert_eq!((0..columns.count()).map(|i| columns.name(i)).collect::<Vec<_>>(), names.clone());
    let places =
        [Columns::Q, Columns::SIGN, Columns::EXCESS, columns.a(), columns.s(), columns.multiplicity(0), columns.helper(0)];
    let named = places.map(|i| names[i].clone());
    prop_assert_eq!(named, ["q", "sg", "ex", "a", "s", "mu0", "h0"].map(String::from));
    Ok(())
}

proptest! {
    #[test]
    fn invariants(p in any_program()) {
        let layout = Layout::of(&p);
        let layers = p.layers();
        prop_assert_eq!(placed(layout.regions.iter().map(|r| (r.offset, r.bits)).collect())?, layout.trace_rows);
        prop_assert_eq!(layout.regions.len(), 2 * layers - 1);
        for i in 1..=layers {
            let bits = layout.tb + layout.bb + layout.unit_bits[i];
            prop_assert_eq!(layout.region(i, Direction::Forward).map(|r| r.bits), Some(bits));
            prop_assert_eq!(layout.region(i, Direction::Backward).map(|r| r.bits), (i < layers).then_some(bits));
            prop_assert!(1 << layout.unit_bits[i] >= p.dims[i] && 1 << layout.input_bits[i] > p.dims[i - 1]);
            prop_assert_eq!(layout.weights[i - 1].bits, layout.unit_bits[i] + layout.input_bits[i]);
        }
        let cells = placed(layout.weights.iter().map(|w| (w.offset, w.bits)).collect())?;
        prop_assert!(cells <= layout.weight_vectors() * layout.n());
        prop_assert_eq!(log2_ceil(cells).max(layout.c), layout.weight_vector_bits + layout.c);
        prop_assert!(1 << layout.tb >= p.steps && (1 << layout.tb) < 2 * p.steps && 1 << layout.bb == p.batch);
        prop_assert!(layout.trace_rows <= layout.n() && p.bits as usize <= layout.c);
        check_segments(&p, &layout)?;
        check_record(&p, &layout)?;
        check_units(&p, &layout)?;
        check_columns(&layout)?;
        let kinds = |kind| layout.terms_b.iter().filter(|t| t.kind == kind).map(|t| t.layer).collect::<Vec<_>>();
        prop_assert_eq!(kinds(TermKind::Forward), (1..=layers).collect::<Vec<_>>());
        prop_assert_eq!(kinds(TermKind::Backward), (2..=layers).collect::<Vec<_>>());
        prop_assert_eq!(kinds(TermKind::Output), (1..=layers).collect::<Vec<_>>());
        prop_assert_eq!(&layout.terms_b[..2 * layers - 1], &layout.terms_a[..]);
    }
}

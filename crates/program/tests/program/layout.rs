//! Columns, lookup segments and units, terms, sizes of proofs.

use crate::regions::placed;
use crate::strategy::any_program;
use fedproof_program::{
    Columns, KeyTable, Layout, Loss, Program, RegistrationLayout, Segment, SegmentKind, Stage, TermKind, Unit,
};
use proptest::prelude::*;

/// Kind, tag and width of every segment in the order of section 2, before it is sorted.
fn listed(p: &Program, layout: &Layout) -> Vec<(SegmentKind, u64, usize)> {
    let mut out = vec![];
    let l = p.bits as usize;
    match p.loss {
        Loss::Squared => (),
        Loss::Sigmoid => out.push((SegmentKind::Sigmoid, 48, l)),
        Loss::Softmax => out.push((SegmentKind::Exponential, 50, l)),
        Loss::Huber => out.push((SegmentKind::Clamp, 51, l)),
    }
    out.push((SegmentKind::Range, l as u64, l));
    for kind in fedproof_program::Activation::all().filter(|kind| p.activations.contains(kind)) {
        out.push((SegmentKind::Hidden(kind), 32 + u64::from(kind.code()), l));
    }
    let top = *layout.columns.limb_bits.last().unwrap() as usize;
    let lb = p.limb_bits as usize;
    out.extend((lb != l).then_some((SegmentKind::Range, lb as u64, lb)));
    out.extend((top != l && top != lb).then_some((SegmentKind::Range, top as u64, top)));
    out.sort_by_key(|s| std::cmp::Reverse(s.2));
    out
}

fn check_segments(p: &Program, layout: &Layout) -> Result<(), TestCaseError> {
    let found: Vec<_> = layout.segments.iter().map(|s| (s.kind, s.tag, s.bits)).collect();
    prop_assert_eq!(found, listed(p, layout));
    let mut used = [0; 4];
    for s in &layout.segments {
        let lane = used.iter().position(|u| u + (1 << s.bits) <= layout.n());
        prop_assert_eq!((Some(s.lane), s.offset), (lane, used[s.lane]));
        used[s.lane] += 1 << s.bits;
    }
    prop_assert_eq!(used.iter().filter(|&&u| u > 0).count(), layout.columns.lanes);
    for lane in 0..layout.columns.lanes {
        let parts = layout.segments.iter().filter(|s| s.lane == lane).map(|s| (s.offset, s.bits)).collect();
        prop_assert!(placed(parts)? <= layout.n());
    }
    let smooth = |s: &Segment| matches!(s.kind, SegmentKind::Hidden(kind) if kind.code() >= 2);
    let loss = |s: &Segment| matches!(s.kind, SegmentKind::Sigmoid | SegmentKind::Exponential | SegmentKind::Clamp);
    let mut tables = vec![];
    for lane in 0..layout.columns.lanes {
        let inside: Vec<&Segment> = layout.segments.iter().filter(|s| s.lane == lane).collect();
        let committed = inside.iter().any(|s| smooth(s) || loss(s));
        tables.extend(committed.then_some(KeyTable { lane, derivatives: false }));
        tables.extend(inside.iter().any(|s| smooth(s)).then_some(KeyTable { lane, derivatives: true }));
    }
    prop_assert_eq!(&layout.key_tables, &tables);
    let lanes: Vec<usize> = tables.iter().filter(|t| !t.derivatives).map(|t| t.lane).collect();
    prop_assert_eq!(layout.table_lanes(), lanes);
    prop_assert!(layout.segments.iter().all(|s| s.is_committed() == (smooth(s) || loss(s))));
    Ok(())
}

fn check_units(p: &Program, layout: &Layout) -> Result<(), TestCaseError> {
    let columns = &layout.columns;
    let units: Vec<Unit> = layout.helpers.iter().flatten().copied().collect();
    let mut expected: Vec<Unit> = Vec::new();
    for (k, &width) in columns.limb_bits.iter().enumerate() {
        prop_assert!(width == p.limb_bits || (width < p.limb_bits && width > 0 && k + 1 == columns.limb_bits.len()));
        expected.push(Unit::Limb { column: columns.remainder(k), tag: width.into() });
    }
    prop_assert_eq!(columns.limb_bits.iter().sum::<u32>(), p.weight_bits + p.kernel.fraction_bits());
    expected.extend((0..columns.excess_limbs).map(|k| Unit::Limb { column: columns.excess_limb(k), tag: p.limb_bits.into() }));
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
    // V vectors, but one for lanes and for helpers of lanes only
    let long = layout.trace_rows.div_ceil(layout.n());
    for (k, name) in names.iter().enumerate() {
        let lanes_only = match k.checked_sub(columns.committed_first()) {
            Some(g) => layout.helpers[g].iter().all(|u| matches!(u, Unit::Lane(_))),
            None => name.starts_with("mu"),
        };
        prop_assert_eq!(columns.vectors(k), if lanes_only { 1 } else { long }, "{}", name);
    }
    Ok(())
}

proptest! {
    #[test]
    fn lookups(p in any_program()) {
        let layout = Layout::of(&p);
        check_segments(&p, &layout)?;
        check_units(&p, &layout)?;
        check_columns(&layout)?;
    }

    #[test]
    fn terms(p in any_program()) {
        let (layout, layers) = (Layout::of(&p), p.layers());
        let kinds = |kind| layout.terms_b.iter().filter(|t| t.kind == kind).map(|t| t.layer).collect::<Vec<_>>();
        prop_assert_eq!(kinds(TermKind::Forward), (1..=layers).collect::<Vec<_>>());
        prop_assert_eq!(kinds(TermKind::Backward), (2..=layers).collect::<Vec<_>>());
        prop_assert_eq!(kinds(TermKind::Output), (1..=layers).collect::<Vec<_>>());
        prop_assert_eq!(&layout.terms_b[..2 * layers - 1], &layout.terms_a[..]);
    }

    /// The messages of section 3, one by one.
    #[test]
    fn proof_sizes(p in any_program()) {
        let layout = Layout::of(&p);
        let rows = layout.trace_rows.div_ceil(layout.n());
        let long_helpers = layout.helpers.iter().filter(|h| h.iter().any(|u| !matches!(u, Unit::Lane(_)))).count();
        let short = layout.columns.lanes + layout.helpers.len() - long_helpers;
        let points = rows * (5 + layout.columns.excess_limbs + layout.columns.limb_bits.len() + long_helpers)
            + short + layout.weight_vectors + 1 + 3;
        let masks = &layout.masks;
        let values: usize = [Stage::S1a, Stage::S1b, Stage::S2].iter().map(|&s| masks.value_count(s)).sum();
        let scalars = 1 + masks.fold_scalars() + values + layout.table_lanes().len() + 1;
        prop_assert_eq!((layout.proof_points(), layout.proof_scalars()), (points, scalars));
        prop_assert_eq!(layout.proof_bytes(), 64 * points + 32 * scalars);
        let registration = RegistrationLayout::of(&p, &layout);
        let points = 2 + registration.helpers.len() + 3;
        let scalars = registration.masks.fold_scalars() + registration.count() + 1;
        prop_assert_eq!(registration.proof_bytes(), 64 * points + 32 * scalars);
    }
}
